// Values as Plotly holds them.
export const idOf = (value) => (Array.isArray(value) || ArrayBuffer.isView(value) ? value[0] : value);

const TYPES = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array, i4: Int32Array };

// Plotly reads typed arrays in base64 by itself; we have to where we look into them before it does.
export function decoded(values) {
  if (!values?.bdata) return values;
  const letters = atob(values.bdata);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i); // a call for each letter takes 40 times as long
  return new TYPES[values.dtype](bytes.buffer);
}

// The same trace with its arrays decoded, for all who look into them; those of several dimensions are left to Plotly.
export function unpacked(trace) {
  for (const [name, value] of Object.entries(trace)) {
    if (value?.bdata) trace[name] = value.shape ? value : decoded(value);
    else if (value?.constructor === Object) unpacked(value);
  }
  return trace;
}
