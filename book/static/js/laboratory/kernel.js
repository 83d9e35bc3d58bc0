/* stub */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  L.simd = () => false;
});
