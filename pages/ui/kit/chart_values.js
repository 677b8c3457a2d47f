// Values as Plotly holds them.
export const idOf = (value) => (Array.isArray(value) || ArrayBuffer.isView(value) ? value[0] : value);

const TYPES = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array, i4: Int32Array };

// Plotly reads typed arrays in base64 by itself; we have to where we look into them before it does.
export function decoded(values) {
  if (!values?.bdata) return values;
  const bytes = Uint8Array.from(atob(values.bdata), (letter) => letter.charCodeAt(0));
  return new TYPES[values.dtype](bytes.buffer);
}
