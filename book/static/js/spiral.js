/* The landing page's header: noise flows into the spiral once, leaving its stations behind. A reader
   who asked for reduced motion, or has no JavaScript, sees the picture, which is the last frame. */
document.addEventListener("DOMContentLoaded", function () {
  var picture = document.querySelector("img.header-spiral"), film = window.SPIRAL;
  if (!picture || !film) { return; }
  var bytes = Uint8Array.from(atob(film.xy), function (c) { return c.charCodeAt(0); });
  var xy = new Int8Array(bytes.buffer), n = film.points, last = film.frames - 1, length = 4500;
  var button = document.createElement("button");
  button.type = "button";
  button.className = "replay";
  button.textContent = "Replay";
  var canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", picture.alt);

  function colours() {
    var style = getComputedStyle(document.documentElement);
    return ["--noise", "--data"].map(function (name) {
      var hex = style.getPropertyValue(name).trim().slice(1);
      return [0, 2, 4].map(function (i) { return parseInt(hex.slice(i, i + 2), 16); });
    });
  }
  function cloud(share, pair, alpha) {  // all points at a share of the way from noise to data
    var unit = canvas.width / 1200, at = share * last, k = Math.min(Math.floor(at), last - 1);
    var f = at - k, cx = 100 + 1000 * share;
    pen.fillStyle = "rgba(" + pair[0].map(function (a, i) {
      return Math.round(a + share * (pair[1][i] - a));
    }).join(",") + "," + alpha + ")";
    for (var i = 0; i < n; i++) {
      var a = 2 * (k * n + i), b = a + 2 * n;
      var x = xy[a] + f * (xy[b] - xy[a]), y = xy[a + 1] + f * (xy[b + 1] - xy[a + 1]);
      pen.beginPath();
      pen.arc(unit * (cx + 0.77 * x), unit * (100 - 0.77 * y), unit * 1.8, 0, 7);
      pen.fill();
    }
  }
  function draw(share) {
    var pair = colours();
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (var k = 0; k < film.stations; k++) {
      var station = k / (film.stations - 1);
      if (station <= share) { cloud(station, pair, 1); }
    }
    if (share < 1) { cloud(share, pair, 1); }
  }
  function size() {
    canvas.width = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
    canvas.height = canvas.width / 6;
  }
  var start = null, share = 1;
  function tick(now) {
    start = start === null ? now : start;
    share = Math.min(1, (now - start) / length);
    draw(share * share * (3 - 2 * share));
    if (share < 1) { requestAnimationFrame(tick); } else { button.hidden = false; }
  }
  function play() { start = null; button.hidden = true; requestAnimationFrame(tick); }
  button.addEventListener("click", play);
  picture.replaceWith(canvas);
  canvas.className = "header-spiral";
  canvas.insertAdjacentElement("afterend", button);
  size();
  window.addEventListener("resize", function () { size(); if (share >= 1) { draw(1); } });
  new MutationObserver(function () { if (share >= 1) { draw(1); } })
    .observe(document.documentElement, { attributeFilter: ["data-theme"] });
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) { draw(1); } else { play(); }
});
