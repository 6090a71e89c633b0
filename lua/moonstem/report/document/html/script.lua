--- The script of pages: charts show the numbers under the pointer, or those that the arrow keys
-- step to. Without it the page can be read all the same: every chart has its numbers in a table.
return [[
(function () {
  "use strict";
  var tip = document.createElement("div");
  tip.id = "tip";
  tip.setAttribute("role", "status");
  document.body.appendChild(tip);

  function hide() {
    tip.textContent = "";
    document.querySelectorAll(".rule").forEach(function (rule) { rule.remove(); });
  }

  function put(text, x, y) {
    tip.textContent = text;
    var box = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 4)) + "px";
    tip.style.top = Math.max(4, Math.min(y + 14, innerHeight - box.height - 4)) + "px";
  }

  // The points of all curves: { at, key, text }, `at` in the picture's own pixels.
  function pointsOf(svg) {
    var list = [];
    svg.querySelectorAll("path[data-x]").forEach(function (path) {
      var d = path.getAttribute("d").match(/-?[\d.]+ -?[\d.]+/g) || [];
      var data = {};
      ["x", "y", "low", "high"].forEach(function (name) {
        data[name] = (path.getAttribute("data-" + name) || "").split(" ");
      });
      d.forEach(function (pair, i) {
        var low = data.low[i], high = data.high[i];
        var band = low && high ? " [" + low + ", " + high + "]" : "";
        var label = path.getAttribute("data-label");
        list.push({ at: parseFloat(pair), key: data.x[i],
          text: (label ? label + ": " : "") + data.y[i] + band });
      });
    });
    return list.sort(function (a, b) { return a.at - b.at; });
  }

  // What can be stepped to: each place on the x axis with all that is there, then each bar or cell.
  function stopsOf(svg) {
    var stops = [], name = svg.getAttribute("data-x-label") || "x";
    pointsOf(svg).forEach(function (point) {
      var last = stops[stops.length - 1];
      if (last && last.key === point.key) last.text += "\n" + point.text;
      else {
        stops.push({ at: point.at, key: point.key,
          text: name + " " + point.key + "\n" + point.text });
      }
    });
    svg.querySelectorAll("[data-tip]").forEach(function (shape) {
      stops.push({ shape: shape, text: shape.getAttribute("data-tip") });
    });
    return stops;
  }

  function draw(svg, at) {
    var curve = svg.querySelector("path[data-x]"), box = svg.viewBox.baseVal;
    var rule = document.createElementNS("http://www.w3.org/2000/svg", "line");
    rule.setAttribute("class", "rule");
    rule.setAttribute("x1", at); rule.setAttribute("x2", at);
    rule.setAttribute("y1", 30); rule.setAttribute("y2", box.height - 50);
    rule.setAttribute("stroke", "currentColor"); rule.setAttribute("stroke-dasharray", "3 3");
    if (curve) svg.appendChild(rule);
  }

  function show(svg, stop, x, y) {
    hide();
    if (stop.shape) {
      var shape = stop.shape.getBoundingClientRect();
      return put(stop.text, x === undefined ? shape.left + shape.width / 2 : x,
        y === undefined ? shape.top : y);
    }
    draw(svg, stop.at);
    var box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
    put(stop.text, box.left + stop.at * scale, y === undefined ? box.top + 30 * scale : y);
  }

  function nearest(stops, at) {
    var best = null;
    stops.forEach(function (stop) {
      if (stop.shape) return;
      if (!best || Math.abs(stop.at - at) < Math.abs(best.at - at)) best = stop;
    });
    return best;
  }

  function prepare(frame) {
    var svg = frame.querySelector("svg"), stops = null, index = -1;
    function ready() { stops = stops || stopsOf(svg); return stops; }
    function follow(event) {
      var shape = event.target.closest && event.target.closest("[data-tip]");
      var stop = ready().find(function (s) { return shape && s.shape === shape; });
      if (!stop && svg.querySelector("path[data-x]")) {
        var box = svg.getBoundingClientRect();
        stop = nearest(stops, (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width);
      }
      if (stop) { index = stops.indexOf(stop); show(svg, stop, event.clientX, event.clientY); }
      else hide();
    }
    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerdown", follow);
    svg.addEventListener("pointerleave", hide);
    frame.addEventListener("blur", hide);
    frame.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (event.key === "Escape") return hide();
      if (!step || !ready().length) return;
      event.preventDefault();
      index = Math.max(0, Math.min(stops.length - 1, index + step));
      show(svg, stops[index]);
    });
  }

  document.querySelectorAll("[data-chart]").forEach(prepare);
  addEventListener("scroll", hide, { passive: true });
})();
]]
