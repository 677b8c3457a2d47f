// A line in a chart of curves at the step that a slider of its group shows.
export class Cursor {
  constructor(chart) {
    this.chart = chart;
    this.line = document.createElement("div");
    this.line.className = "cursor";
    chart.place.append(this.line);
    this.onFilm = ({ detail }) => {
      if (detail.group !== this.data?.group) return;
      this.step = this.data.of && detail.share != null ? detail.share * this.data.of : detail.step;
      this.draw();
    };
  }

  update(data) {
    this.data = data;
    if (data) addEventListener("unfold-film", this.onFilm); // once, however often it is said
    this.draw();
  }

  draw() {
    const axis = this.chart.drawn && this.data && this.chart.plot._fullLayout?.xaxis;
    const x = axis && this.step != null && axis.d2p ? axis.d2p(this.step) : NaN;
    const inside = x >= -1 && x <= axis?._length + 1;
    this.line.style.display = inside ? "block" : "none";
    if (!inside) return;
    const area = this.chart.plot._fullLayout._size;
    Object.assign(this.line.style, { left: `${axis._offset + x}px`, top: `${area.t}px`, height: `${area.h}px` });
  }

  end() {
    removeEventListener("unfold-film", this.onFilm);
  }
}
