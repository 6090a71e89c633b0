--- Operators of one input, number by number; values by PyTorch, in double precision.
local ms = require "moonstem"
local nan, inf = 0 / 0, math.huge

return {
  sin = {
    { function(a) return a:sin() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.141120008059867, -0.948984619355586, -0.479425538604203, 0.124674733385228,
      0.681638760023334, 0.598472144103957 } },
    { function(a) return a:sin() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.141120008059867, -0.948984619355586, -0.479425538604203 }, { 0.124674733385228,
      0.681638760023334, 0.598472144103957 } } },
    { function(a) return a:sin() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, nan, nan, 0,
      0.841470984807897, -0.909297426825682 }, grad = false },
    { function(a) return a:sin() end, { 0.125 }, 0.124674733385228 },
    { function(a) return a:sin() end, { {} }, {}, grad = false },
    { function(a) return a:sin() end, { { 30, -100, 1000.5, 12345, -65536 } }, {
      -0.988031624092862, 0.506365641109759, 0.995273957105213, -0.993771636455681,
      -0.692065453822723 } },
    { function(a) return a:sin() end, { { 3000001, 2097151 } }, { -0.0726284978871798,
      -0.320585876384546 }, grad = false },
    { function(a) return a:sin() end, { { 4194304, -1073741824, 8388608, 33554432 } }, {
      0.975129394941707, 0.617326415046042, 0.432248202256798, -0.976517290950928 }, grad = false
      },
    { function(a) return a:sin() end, { { 1.1805916207174113e+21, -1.3292279957849159e+36, 1,
      25769803776 } }, { -0.998179402193307, -0.377820109360752, 0.841470984807897,
      0.257263776784207 }, grad = false },
    wrong = {
      { function() return ms.ops.sin() end, "tensor" },
    },
  },
  cos = {
    { function(a) return a:cos() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.989992496600445, 0.315322362395269, 0.877582561890373, 0.992197667229329,
      0.731688868873821, -0.801143615546934 } },
    { function(a) return a:cos() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.989992496600445, 0.315322362395269, 0.877582561890373 }, { 0.992197667229329,
      0.731688868873821, -0.801143615546934 } } },
    { function(a) return a:cos() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, nan, nan, 1,
      0.54030230586814, -0.416146836547142 }, grad = false },
    { function(a) return a:cos() end, { 0.125 }, 0.992197667229329 },
    { function(a) return a:cos() end, { {} }, {}, grad = false },
    { function(a) return a:cos() end, { { 30, -100, 1000.5, 12345, -65536 } }, { 0.154251449887584,
      0.862318872287684, 0.0971069014443853, 0.111435786784127, -0.721834750912664 } },
    { function(a) return a:cos() end, { { 3000001, 2097151 } }, { 0.997359063374195,
      0.94721945496424 }, grad = false },
    { function(a) return a:cos() end, { { 4194304, -1073741824, 8388608, 33554432 } }, {
      0.221636330777741, 0.786707122941188, -0.901754673758759, -0.215439041201588 }, grad = false
      },
    { function(a) return a:cos() end, { { 1.1805916207174113e+21, -1.3292279957849159e+36, 1,
      25769803776 } }, { 0.0603148492248198, -0.925879022854838, 0.54030230586814,
      -0.966341217766647 }, grad = false },
    wrong = {
      { function() return ms.ops.cos() end, "tensor" },
    },
  },
  tan = {
    { function(a) return a:tan() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      0.142546543074278, -3.00956967386283, -0.54630248984379, 0.125655136575131,
      0.931596459944072, -0.74702229723866 } },
    { function(a) return a:tan() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      0.142546543074278, -3.00956967386283, -0.54630248984379 }, { 0.125655136575131,
      0.931596459944072, -0.74702229723866 } } },
    { function(a) return a:tan() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, nan, nan, 0,
      1.5574077246549, 2.18503986326152 }, grad = false },
    { function(a) return a:tan() end, { 0.125 }, 0.125655136575131 },
    { function(a) return a:tan() end, { {} }, {}, grad = false },
    { function(a) return a:tan() end, { { 30, -100, 1000.5, 12345, -65536 } }, { -6.40533119664628,
      0.587213915156929, 10.2492607868373, -8.91788594251872, 0.958758847433846 } },
    { function(a) return a:tan() end, { { 3000001, 2097151 } }, { -0.0728208130394566,
      -0.338449421308232 }, grad = false },
    { function(a) return a:tan() end, { { 4194304, -1073741824, 8388608, 33554432 } }, {
      4.39968208966415, 0.7846966133192, -0.479341238626543, 4.5326849094041 }, grad = false },
    { function(a) return a:tan() end, { { 1.1805916207174113e+21, -1.3292279957849159e+36, 1,
      25769803776 } }, { -16.549480186424, 0.408066388841804, 1.5574077246549, -0.266224571667118
      }, grad = false },
    wrong = {
      { function() return ms.ops.tan() end, "tensor" },
    },
  },
  atan = {
    { function(a) return a:atan() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -1.24904577239825, -0.896055384571344, -0.463647609000806, 0.124354994546761,
      0.643501108793284, 1.19028994968253 } },
    { function(a) return a:atan() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -1.24904577239825, -0.896055384571344, -0.463647609000806 }, { 0.124354994546761,
      0.643501108793284, 1.19028994968253 } } },
    { function(a) return a:atan() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, 1.5707963267949,
      -1.5707963267949, 0, 0.785398163397448, -1.10714871779409 }, grad = false },
    { function(a) return a:atan() end, { 0.125 }, 0.124354994546761 },
    { function(a) return a:atan() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.atan() end, "tensor" },
    },
  },
  sinh = {
    { function(a) return a:sinh() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -10.0178749274099, -1.60191908030083, -0.521095305493747, 0.125325775241115,
      0.82231673193583, 6.05020448103979 } },
    { function(a) return a:sinh() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -10.0178749274099, -1.60191908030083, -0.521095305493747 }, { 0.125325775241115,
      0.82231673193583, 6.05020448103979 } } },
    { function(a) return a:sinh() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, inf, -inf, 0,
      1.1752011936438, -3.62686040784702 }, grad = false },
    { function(a) return a:sinh() end, { 0.125 }, 0.125325775241115 },
    { function(a) return a:sinh() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.sinh() end, "tensor" },
    },
  },
  cosh = {
    { function(a) return a:cosh() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      10.0676619957778, 1.88842387716102, 1.12762596520638, 1.00782267782571, 1.29468328467684,
      6.13228947966369 } },
    { function(a) return a:cosh() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      10.0676619957778, 1.88842387716102, 1.12762596520638 }, { 1.00782267782571, 1.29468328467684,
      6.13228947966369 } } },
    { function(a) return a:cosh() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, inf, inf, 1,
      1.54308063481524, 3.76219569108363 }, grad = false },
    { function(a) return a:cosh() end, { 0.125 }, 1.00782267782571 },
    { function(a) return a:cosh() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.cosh() end, "tensor" },
    },
  },
  exp = {
    { function(a) return a:exp() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      0.0497870683678639, 0.28650479686019, 0.606530659712633, 1.13314845306683, 2.11700001661267,
      12.1824939607035 } },
    { function(a) return a:exp() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      0.0497870683678639, 0.28650479686019, 0.606530659712633 }, { 1.13314845306683,
      2.11700001661267, 12.1824939607035 } } },
    { function(a) return a:exp() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, inf, 0, 1,
      2.71828182845905, 0.135335283236613 }, grad = false },
    { function(a) return a:exp() end, { 0.125 }, 1.13314845306683 },
    { function(a) return a:exp() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.exp() end, "tensor" },
    },
  },
  expm1 = {
    { function(a) return a:expm1() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.950212931632136, -0.71349520313981, -0.393469340287367, 0.133148453066826,
      1.11700001661267, 11.1824939607035 } },
    { function(a) return a:expm1() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.950212931632136, -0.71349520313981, -0.393469340287367 }, { 0.133148453066826,
      1.11700001661267, 11.1824939607035 } } },
    { function(a) return a:expm1() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, inf, -1, 0,
      1.71828182845905, -0.864664716763387 }, grad = false },
    { function(a) return a:expm1() end, { 0.125 }, 0.133148453066826 },
    { function(a) return a:expm1() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.expm1() end, "tensor" },
    },
  },
  square = {
    { function(a) return a:square() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 9, 1.5625,
      0.25, 0.015625, 0.5625, 6.25 } },
    { function(a) return a:square() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { { 9,
      1.5625, 0.25 }, { 0.015625, 0.5625, 6.25 } } },
    { function(a) return a:square() end, { { nan, inf, -inf, 0, 1e-20, -2 } }, { nan, inf, inf, 0,
      1e-40, 4 }, grad = false },
    { function(a) return a:square() end, { 0.125 }, 0.015625 },
    { function(a) return a:square() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.square() end, "tensor" },
    },
  },
  abs = {
    { function(a) return a:abs() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 3, 1.25, 0.5,
      0.125, 0.75, 2.5 } },
    { function(a) return a:abs() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { { 3,
      1.25, 0.5 }, { 0.125, 0.75, 2.5 } } },
    { function(a) return a:abs() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, inf, inf, 0, 1, 2 },
      grad = false },
    { function(a) return a:abs() end, { 0.125 }, 0.125 },
    { function(a) return a:abs() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.abs() end, "tensor" },
    },
  },
  reciprocal = {
    { function(a) return a:reciprocal() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.333333333333333, -0.8, -2, 8, 1.33333333333333, 0.4 } },
    { function(a) return a:reciprocal() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.333333333333333, -0.8, -2 }, { 8, 1.33333333333333, 0.4 } } },
    { function(a) return a:reciprocal() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, 0, 0, inf, 1,
      -0.5 }, grad = false },
    { function(a) return a:reciprocal() end, { 0.125 }, 8 },
    { function(a) return a:reciprocal() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.reciprocal() end, "tensor" },
    },
  },
  erf = {
    { function(a) return a:erf() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.999977909503001, -0.922900128256458, -0.520499877813047, 0.140316204801334,
      0.711155633653515, 0.999593047982555 } },
    { function(a) return a:erf() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.999977909503001, -0.922900128256458, -0.520499877813047 }, { 0.140316204801334,
      0.711155633653515, 0.999593047982555 } } },
    { function(a) return a:erf() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, 1, -1, 0,
      0.842700792949715, -0.995322265018953 }, grad = false },
    { function(a) return a:erf() end, { 0.125 }, 0.140316204801334 },
    { function(a) return a:erf() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.erf() end, "tensor" },
    },
  },
  sigmoid = {
    { function(a) return a:sigmoid() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      0.0474258731775668, 0.222700138825309, 0.377540668798145, 0.531209373373756,
      0.679178699175393, 0.924141819978757 } },
    { function(a) return a:sigmoid() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      0.0474258731775668, 0.222700138825309, 0.377540668798145 }, { 0.531209373373756,
      0.679178699175393, 0.924141819978757 } } },
    { function(a) return a:sigmoid() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, 1, 0, 0.5,
      0.731058578630005, 0.119202922022118 }, grad = false },
    { function(a) return a:sigmoid() end, { 0.125 }, 0.531209373373756 },
    { function(a) return a:sigmoid() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.sigmoid() end, "tensor" },
    },
  },
  tanh = {
    { function(a) return a:tanh() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.99505475368673, -0.848283639957513, -0.46211715726001, 0.124353001771596,
      0.635148952387287, 0.98661429815143 } },
    { function(a) return a:tanh() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.99505475368673, -0.848283639957513, -0.46211715726001 }, { 0.124353001771596,
      0.635148952387287, 0.98661429815143 } } },
    { function(a) return a:tanh() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, 1, -1, 0,
      0.761594155955765, -0.964027580075817 }, grad = false },
    { function(a) return a:tanh() end, { 0.125 }, 0.124353001771596 },
    { function(a) return a:tanh() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.tanh() end, "tensor" },
    },
  },
  log = {
    { function(a) return a:log() end, { { 0.05, 0.5, 1, 2.75, 40, 1234.5 } }, { -2.99573227355399,
      -0.693147180559945, 0, 1.01160091167848, 3.68887945411394, 7.11842130878523 } },
    { function(a) return a:log() end, { { { 0.05, 0.5, 1 }, { 2.75, 40, 1234.5 } } }, { {
      -2.99573227355399, -0.693147180559945, 0 }, { 1.01160091167848, 3.68887945411394,
      7.11842130878523 } } },
    { function(a) return a:log() end, { { nan, inf, 0, 1, -2 } }, { nan, inf, -inf, 0, nan }, grad
      = false },
    { function(a) return a:log() end, { 2.75 }, 1.01160091167848 },
    { function(a) return a:log() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.log() end, "tensor" },
    },
  },
  log10 = {
    { function(a) return a:log10() end, { { 0.05, 0.5, 1, 2.75, 40, 1234.5 } }, {
      -1.30102999566398, -0.301029995663981, 0, 0.439332693830263, 1.60205999132796,
      3.09149109426795 } },
    { function(a) return a:log10() end, { { { 0.05, 0.5, 1 }, { 2.75, 40, 1234.5 } } }, { {
      -1.30102999566398, -0.301029995663981, 0 }, { 0.439332693830263, 1.60205999132796,
      3.09149109426795 } } },
    { function(a) return a:log10() end, { { nan, inf, 0, 1, -2 } }, { nan, inf, -inf, 0, nan },
      grad = false },
    { function(a) return a:log10() end, { 2.75 }, 0.439332693830263 },
    { function(a) return a:log10() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.log10() end, "tensor" },
    },
  },
  log2 = {
    { function(a) return a:log2() end, { { 0.05, 0.5, 1, 2.75, 40, 1234.5 } }, { -4.32192809488736,
      -1, 0, 1.4594316186373, 5.32192809488736, 10.2697111211428 } },
    { function(a) return a:log2() end, { { { 0.05, 0.5, 1 }, { 2.75, 40, 1234.5 } } }, { {
      -4.32192809488736, -1, 0 }, { 1.4594316186373, 5.32192809488736, 10.2697111211428 } } },
    { function(a) return a:log2() end, { { nan, inf, 0, 1, -2 } }, { nan, inf, -inf, 0, nan }, grad
      = false },
    { function(a) return a:log2() end, { 2.75 }, 1.4594316186373 },
    { function(a) return a:log2() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.log2() end, "tensor" },
    },
  },
  sqrt = {
    { function(a) return a:sqrt() end, { { 0.05, 0.5, 1, 2.75, 40, 1234.5 } }, { 0.223606797749979,
      0.707106781186547, 1, 1.6583123951777, 6.32455532033676, 35.1354521815217 } },
    { function(a) return a:sqrt() end, { { { 0.05, 0.5, 1 }, { 2.75, 40, 1234.5 } } }, { {
      0.223606797749979, 0.707106781186547, 1 }, { 1.6583123951777, 6.32455532033676,
      35.1354521815217 } } },
    { function(a) return a:sqrt() end, { { nan, inf, 0, 1, -2 } }, { nan, inf, 0, 1, nan }, grad =
      false },
    { function(a) return a:sqrt() end, { 2.75 }, 1.6583123951777 },
    { function(a) return a:sqrt() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.sqrt() end, "tensor" },
    },
  },
  rsqrt = {
    { function(a) return a:rsqrt() end, { { 0.05, 0.5, 1, 2.75, 40, 1234.5 } }, { 4.47213595499958,
      1.41421356237309, 1, 0.603022689155527, 0.158113883008419, 0.0284612816375227 } },
    { function(a) return a:rsqrt() end, { { { 0.05, 0.5, 1 }, { 2.75, 40, 1234.5 } } }, { {
      4.47213595499958, 1.41421356237309, 1 }, { 0.603022689155527, 0.158113883008419,
      0.0284612816375227 } } },
    { function(a) return a:rsqrt() end, { { nan, inf, 0, 1, -2 } }, { nan, 0, inf, 1, nan }, grad =
      false },
    { function(a) return a:rsqrt() end, { 2.75 }, 0.603022689155527 },
    { function(a) return a:rsqrt() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.rsqrt() end, "tensor" },
    },
  },
  log1p = {
    { function(a) return a:log1p() end, { { 0.05, 0.5, 1, 2.75, 40, 1234.5 } }, {
      0.048790164169432, 0.405465108108164, 0.693147180559945, 1.32175583998232, 3.71357206670431,
      7.11923102542866 } },
    { function(a) return a:log1p() end, { { { 0.05, 0.5, 1 }, { 2.75, 40, 1234.5 } } }, { {
      0.048790164169432, 0.405465108108164, 0.693147180559945 }, { 1.32175583998232,
      3.71357206670431, 7.11923102542866 } } },
    { function(a) return a:log1p() end, { { nan, inf, -1, 0, -2, 1e-12 } }, { nan, inf, -inf, 0,
      nan, 9.999999999995e-13 }, grad = false },
    { function(a) return a:log1p() end, { 2.75 }, 1.32175583998232 },
    { function(a) return a:log1p() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.log1p() end, "tensor" },
    },
  },
  asin = {
    { function(a) return a:asin() end, { { -0.95, -0.6, -0.25, 0.1, 0.5, 0.875 } }, {
      -1.25323589750338, -0.643501108793284, -0.252680255142079, 0.10016742116156,
      0.523598775598299, 1.06543581651074 } },
    { function(a) return a:asin() end, { { { -0.95, -0.6, -0.25 }, { 0.1, 0.5, 0.875 } } }, { {
      -1.25323589750338, -0.643501108793284, -0.252680255142079 }, { 0.10016742116156,
      0.523598775598299, 1.06543581651074 } } },
    { function(a) return a:asin() end, { { nan, inf, -1, 0, 1, -2 } }, { nan, nan,
      -1.5707963267949, 0, 1.5707963267949, nan }, grad = false },
    { function(a) return a:asin() end, { 0.1 }, 0.10016742116156 },
    { function(a) return a:asin() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.asin() end, "tensor" },
    },
  },
  acos = {
    { function(a) return a:acos() end, { { -0.95, -0.6, -0.25, 0.1, 0.5, 0.875 } }, {
      2.82403222429827, 2.21429743558818, 1.82347658193698, 1.47062890563334, 1.0471975511966,
      0.505360510284157 } },
    { function(a) return a:acos() end, { { { -0.95, -0.6, -0.25 }, { 0.1, 0.5, 0.875 } } }, { {
      2.82403222429827, 2.21429743558818, 1.82347658193698 }, { 1.47062890563334, 1.0471975511966,
      0.505360510284157 } } },
    { function(a) return a:acos() end, { { nan, inf, -1, 0, 1, -2 } }, { nan, nan,
      3.14159265358979, 1.5707963267949, 0, nan }, grad = false },
    { function(a) return a:acos() end, { 0.1 }, 1.47062890563334 },
    { function(a) return a:acos() end, { {} }, {}, grad = false },
    { function(a) return a:acos() end, { { 0.999984741210938, -0.99993896484375 } }, {
      0.00552427875251877, 3.13054405393718 }, grad = false },
    wrong = {
      { function() return ms.ops.acos() end, "tensor" },
    },
  },
  sign = {
    { function(a) return a:sign() end, { { -2.7, -1.25, -0.3, 0.125, 0.75, 2.4 } }, { -1, -1, -1,
      1, 1, 1 } },
    { function(a) return a:sign() end, { { { -2.7, -1.25, -0.3 }, { 0.125, 0.75, 2.4 } } }, { { -1,
      -1, -1 }, { 1, 1, 1 } } },
    { function(a) return a:sign() end, { { nan, 0, -0.5, 0.5, 1.5, 2.5, -2.5 } }, { 0, 0, -1, 1, 1,
      1, -1 }, grad = false },
    { function(a) return a:sign() end, { 0.125 }, 1 },
    { function(a) return a:sign() end, { {} }, {}, grad = false },
    { function(a) return a:sign() end, { { inf, -inf } }, { 1, -1 }, grad = false },
    wrong = {
      { function() return ms.ops.sign() end, "tensor" },
    },
  },
  floor = {
    { function(a) return a:floor() end, { { -2.7, -1.25, -0.3, 0.125, 0.75, 2.4 } }, { -3, -2, -1,
      0, 0, 2 } },
    { function(a) return a:floor() end, { { { -2.7, -1.25, -0.3 }, { 0.125, 0.75, 2.4 } } }, { {
      -3, -2, -1 }, { 0, 0, 2 } } },
    { function(a) return a:floor() end, { { nan, 0, -0.5, 0.5, 1.5, 2.5, -2.5 } }, { nan, 0, -1, 0,
      1, 2, -3 }, grad = false },
    { function(a) return a:floor() end, { 0.125 }, 0 },
    { function(a) return a:floor() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.floor() end, "tensor" },
    },
  },
  ceil = {
    { function(a) return a:ceil() end, { { -2.7, -1.25, -0.3, 0.125, 0.75, 2.4 } }, { -2, -1, 0, 1,
      1, 3 } },
    { function(a) return a:ceil() end, { { { -2.7, -1.25, -0.3 }, { 0.125, 0.75, 2.4 } } }, { { -2,
      -1, 0 }, { 1, 1, 3 } } },
    { function(a) return a:ceil() end, { { nan, 0, -0.5, 0.5, 1.5, 2.5, -2.5 } }, { nan, 0, 0, 1,
      2, 3, -2 }, grad = false },
    { function(a) return a:ceil() end, { 0.125 }, 1 },
    { function(a) return a:ceil() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.ceil() end, "tensor" },
    },
  },
  round = {
    { function(a) return a:round() end, { { -2.7, -1.25, -0.3, 0.125, 0.75, 2.4 } }, { -3, -1, 0,
      0, 1, 2 } },
    { function(a) return a:round() end, { { { -2.7, -1.25, -0.3 }, { 0.125, 0.75, 2.4 } } }, { {
      -3, -1, 0 }, { 0, 1, 2 } } },
    { function(a) return a:round() end, { { nan, 0, -0.5, 0.5, 1.5, 2.5, -2.5 } }, { nan, 0, 0, 0,
      2, 2, -2 }, grad = false },
    { function(a) return a:round() end, { 0.125 }, 0 },
    { function(a) return a:round() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.round() end, "tensor" },
    },
  },
  trunc = {
    { function(a) return a:trunc() end, { { -2.7, -1.25, -0.3, 0.125, 0.75, 2.4 } }, { -2, -1, 0,
      0, 0, 2 } },
    { function(a) return a:trunc() end, { { { -2.7, -1.25, -0.3 }, { 0.125, 0.75, 2.4 } } }, { {
      -2, -1, 0 }, { 0, 0, 2 } } },
    { function(a) return a:trunc() end, { { nan, 0, -0.5, 0.5, 1.5, 2.5, -2.5 } }, { nan, 0, 0, 0,
      1, 2, -2 }, grad = false },
    { function(a) return a:trunc() end, { 0.125 }, 0 },
    { function(a) return a:trunc() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.trunc() end, "tensor" },
    },
  },
  frac = {
    { function(a) return a:frac() end, { { -2.7, -1.25, -0.3, 0.125, 0.75, 2.4 } }, { -0.7, -0.25,
      -0.3, 0.125, 0.75, 0.4 } },
    { function(a) return a:frac() end, { { { -2.7, -1.25, -0.3 }, { 0.125, 0.75, 2.4 } } }, { {
      -0.7, -0.25, -0.3 }, { 0.125, 0.75, 0.4 } } },
    { function(a) return a:frac() end, { { nan, 0, -0.5, 0.5, 1.5, 2.5, -2.5 } }, { nan, 0, -0.5,
      0.5, 0.5, 0.5, -0.5 }, grad = false },
    { function(a) return a:frac() end, { 0.125 }, 0.125 },
    { function(a) return a:frac() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.frac() end, "tensor" },
    },
  },
  erfinv = {
    { function(a) return a:erfinv() end, { { -0.95, -0.6, -0.25, 0.1, 0.5, 0.875 } }, {
      -1.38590382434968, -0.595116081449995, -0.225312055012178, 0.0888559904942577,
      0.47693627620447, 1.08478704006928 } },
    { function(a) return a:erfinv() end, { { { -0.95, -0.6, -0.25 }, { 0.1, 0.5, 0.875 } } }, { {
      -1.38590382434968, -0.595116081449995, -0.225312055012178 }, { 0.0888559904942577,
      0.47693627620447, 1.08478704006928 } } },
    { function(a) return a:erfinv() end, { { nan, 1, -1, 0, 2, -3 } }, { nan, inf, -inf, 0, nan,
      nan }, grad = false },
    { function(a) return a:erfinv() end, { 0.1 }, 0.0888559904942577 },
    { function(a) return a:erfinv() end, { {} }, {}, grad = false },
    { function(a) return a:erfinv() end, { { 0.99993896484375, -0.999999046325684, 1e-09 } }, {
      2.83463028557139, -3.46550502580333, 8.86226925452758e-10 }, grad = false },
    wrong = {
      { function() return ms.ops.erfinv() end, "tensor" },
    },
  },
  lgamma = {
    { function(a) return a:lgamma() end, { { -2.5, -0.75, 0.25, 1.5, 4, 30.5 } }, {
      -0.056243716497674, 1.57570459714986, 1.28802252469808, -0.120782237635245, 1.79175946922805,
      72.9534711841694 } },
    { function(a) return a:lgamma() end, { { { -2.5, -0.75, 0.25 }, { 1.5, 4, 30.5 } } }, { {
      -0.056243716497674, 1.57570459714986, 1.28802252469808 }, { -0.120782237635245,
      1.79175946922805, 72.9534711841694 } } },
    { function(a) return a:lgamma() end, { { nan, inf, 0, -1, 1, 2, -inf } }, { nan, inf, inf, inf,
      0, 0, inf }, grad = false },
    { function(a) return a:lgamma() end, { 1.5 }, -0.120782237635245 },
    { function(a) return a:lgamma() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.lgamma() end, "tensor" },
    },
  },
  digamma = {
    { function(a) return a:digamma() end, { { -2.5, -0.75, 0.25, 1.5, 4, 30.5 } }, {
      1.10315664064524, -2.89412020004293, -4.22745353337627, 0.0364899739785762, 1.2561176684318,
      3.40124366896166 } },
    { function(a) return a:digamma() end, { { { -2.5, -0.75, 0.25 }, { 1.5, 4, 30.5 } } }, { {
      1.10315664064524, -2.89412020004293, -4.22745353337627 }, { 0.0364899739785762,
      1.2561176684318, 3.40124366896166 } } },
    { function(a) return a:digamma() end, { { nan, inf, 0, -1, 1 } }, { nan, inf, -inf, nan,
      -0.577215664901533 }, grad = false },
    { function(a) return a:digamma() end, { 1.5 }, 0.0364899739785762 },
    { function(a) return a:digamma() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.digamma() end, "tensor" },
    },
  },
  softplus = {
    { function(a) return a:softplus() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      0.0485873515737421, 0.251929081345373, 0.474076984180107, 0.757599035317169, 1.1368710061149,
      2.57888973429255 } },
    { function(a) return a:softplus() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      0.0485873515737421, 0.251929081345373, 0.474076984180107 }, { 0.757599035317169,
      1.1368710061149, 2.57888973429255 } } },
    { function(a) return a:softplus() end, { { nan, inf, -inf, 0, 100, -30 } }, { nan, inf, 0,
      0.693147180559945, 100, 9.35762296883974e-14 }, grad = false },
    { function(a) return a:softplus() end, { 0.125 }, 0.757599035317169 },
    { function(a) return a:softplus() end, { {} }, {}, grad = false },
    { function(a) return a:softplus(2, 3) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      0.00123784256886522, 0.0394448671462748, 0.156630843759111, 0.412969709939422,
      0.850706638991376, 2.5 } },
    { function(a) return a:softplus(0.5) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      0.402826555965505, 0.857401356553037, 1.15187883975769, 1.44977076471555, 1.79624652827968,
      3.00385816269075 } },
    wrong = {
      { function() return ms.ops.softplus() end, "tensor" },
      { function() return ms.ones(2):softplus(0) end, "beta" },
      { function() return ms.ones(2):softplus(1, 2, 3) end, "too many" },
    },
  },
  silu = {
    { function(a) return a:silu() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.1422776195327, -0.278375173531636, -0.188770334399073, 0.0664011716717195,
      0.509384024381545, 2.31035454994689 } },
    { function(a) return a:silu() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.1422776195327, -0.278375173531636, -0.188770334399073 }, { 0.0664011716717195,
      0.509384024381545, 2.31035454994689 } } },
    { function(a) return a:silu() end, { { nan, inf, 0, 30, -30 } }, { nan, inf, 0,
      29.9999999999972, -2.80728689065179e-12 }, grad = false },
    { function(a) return a:silu() end, { 0.125 }, 0.0664011716717195 },
    { function(a) return a:silu() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.silu() end, "tensor" },
    },
  },
  mish = {
    { function(a) return a:mish() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.145647461275625, -0.308413961141528, -0.22074377465173, 0.0799575708473598,
      0.610018335218293, 2.47139230455788 } },
    { function(a) return a:mish() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.145647461275625, -0.308413961141528, -0.22074377465173 }, { 0.0799575708473598,
      0.610018335218293, 2.47139230455788 } } },
    { function(a) return a:mish() end, { { nan, inf, 0, 30, -30 } }, { nan, inf, 0, 30,
      -2.80728689065192e-12 }, grad = false },
    { function(a) return a:mish() end, { 0.125 }, 0.0799575708473598 },
    { function(a) return a:mish() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.mish() end, "tensor" },
    },
  },
  elu = {
    { function(a) return a:elu() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.950212931632136, -0.71349520313981, -0.393469340287367, 0.125, 0.75, 2.5 } },
    { function(a) return a:elu() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.950212931632136, -0.71349520313981, -0.393469340287367 }, { 0.125, 0.75, 2.5 } } },
    { function(a) return a:elu() end, { { nan, inf, -inf, 0, 1e-12 } }, { nan, inf, -1, 0, 1e-12 },
      grad = false },
    { function(a) return a:elu() end, { 0.125 }, 0.125 },
    { function(a) return a:elu() end, { {} }, {}, grad = false },
    { function(a) return a:elu(0.25) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.237553232908034, -0.178373800784952, -0.0983673350718416, 0.125, 0.75, 2.5 } },
    wrong = {
      { function() return ms.ops.elu() end, "tensor" },
    },
  },
  selu = {
    { function(a) return a:selu() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -1.67056872876711, -1.25439544633786, -0.691758187802871, 0.131337623419435,
      0.78802574051661, 2.6267524683887 } },
    { function(a) return a:selu() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -1.67056872876711, -1.25439544633786, -0.691758187802871 }, { 0.131337623419435,
      0.78802574051661, 2.6267524683887 } } },
    { function(a) return a:selu() end, { { nan, inf, -inf, 0, 1e-12 } }, { nan, inf,
      -1.75809934084738, 0, 1.05070098735548e-12 }, grad = false },
    { function(a) return a:selu() end, { 0.125 }, 0.131337623419435 },
    { function(a) return a:selu() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.selu() end, "tensor" },
    },
  },
  relu6 = {
    { function(a) return a:relu6() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 0, 0, 0,
      0.125, 0.75, 2.5 } },
    { function(a) return a:relu6() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { { 0,
      0, 0 }, { 0.125, 0.75, 2.5 } } },
    { function(a) return a:relu6() end, { { nan, inf, -inf, 0, 7 } }, { nan, 6, 0, 0, 6 }, grad =
      false },
    { function(a) return a:relu6() end, { 0.125 }, 0.125 },
    { function(a) return a:relu6() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.relu6() end, "tensor" },
    },
  },
  relu = {
    { function(a) return a:relu() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 0, 0, 0, 0.125,
      0.75, 2.5 } },
    { function(a) return a:relu() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { { 0, 0,
      0 }, { 0.125, 0.75, 2.5 } } },
    { function(a) return a:relu() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, inf, 0, 0, 1, 0 },
      grad = false },
    { function(a) return a:relu() end, { 0.125 }, 0.125 },
    { function(a) return a:relu() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.relu() end, "tensor" },
    },
  },
  leaky_relu = {
    { function(a) return a:leaky_relu() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { -0.03,
      -0.0125, -0.005, 0.125, 0.75, 2.5 } },
    { function(a) return a:leaky_relu() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.03, -0.0125, -0.005 }, { 0.125, 0.75, 2.5 } } },
    { function(a) return a:leaky_relu() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, inf, -inf, 0,
      1, -0.02 }, grad = false },
    { function(a) return a:leaky_relu() end, { 0.125 }, 0.125 },
    { function(a) return a:leaky_relu() end, { {} }, {}, grad = false },
    { function(a) return a:leaky_relu(0.5) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { -1.5,
      -0.625, -0.25, 0.125, 0.75, 2.5 } },
    wrong = {
      { function() return ms.ops.leaky_relu() end, "tensor" },
    },
  },
  gelu = {
    { function(a) return a:gelu() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.00404969409489031, -0.132062217083569, -0.154268769362993, 0.0687172781037641,
      0.580029485717349, 2.48447583668556 } },
    { function(a) return a:gelu() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.00404969409489031, -0.132062217083569, -0.154268769362993 }, { 0.0687172781037641,
      0.580029485717349, 2.48447583668556 } } },
    { function(a) return a:gelu() end, { { 0, 30, -30 } }, { 0, 30, 0 }, grad = false },
    { function(a) return a:gelu() end, { 0.125 }, 0.0687172781037641 },
    { function(a) return a:gelu() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.gelu() end, "tensor" },
    },
  },
  hardtanh = {
    { function(a) return a:hardtanh() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { -1, -1,
      -0.5, 0.125, 0.75, 1 } },
    { function(a) return a:hardtanh() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -1, -1, -0.5 }, { 0.125, 0.75, 1 } } },
    { function(a) return a:hardtanh() end, { { nan, inf, -inf, 0 } }, { nan, 1, -1, 0 }, grad =
      false },
    { function(a) return a:hardtanh() end, { 0.125 }, 0.125 },
    { function(a) return a:hardtanh() end, { {} }, {}, grad = false },
    { function(a) return a:hardtanh(-0.25, 2) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.25, -0.25, -0.25, 0.125, 0.75, 2 } },
    wrong = {
      { function() return ms.ops.hardtanh() end, "tensor" },
    },
  },
  logsigmoid = {
    { function(a) return a:logsigmoid() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -3.04858735157374, -1.50192908134537, -0.974076984180107, -0.632599035317169,
      -0.3868710061149, -0.0788897342925496 } },
    { function(a) return a:logsigmoid() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -3.04858735157374, -1.50192908134537, -0.974076984180107 }, { -0.632599035317169,
      -0.3868710061149, -0.0788897342925496 } } },
    { function(a) return a:logsigmoid() end, { { nan, inf, -100, 0, 100 } }, { nan, 0, -100,
      -0.693147180559945, -3.72007597602084e-44 }, grad = false },
    { function(a) return a:logsigmoid() end, { 0.125 }, -0.632599035317169 },
    { function(a) return a:logsigmoid() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.logsigmoid() end, "tensor" },
    },
  },
  isnan = {
    { function(a) return a:isnan() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 0, 0, 0, 0, 0,
      0 }, grad = false },
    { function(a) return a:isnan() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { { 0,
      0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a) return a:isnan() end, { { nan, inf, -inf, 0, 1, -2 } }, { 1, 0, 0, 0, 0, 0 },
      grad = false },
    { function(a) return a:isnan() end, { 0.125 }, 0, grad = false },
    { function(a) return a:isnan() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.isnan() end, "tensor" },
    },
  },
  isinf = {
    { function(a) return a:isinf() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 0, 0, 0, 0, 0,
      0 }, grad = false },
    { function(a) return a:isinf() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { { 0,
      0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a) return a:isinf() end, { { nan, inf, -inf, 0, 1, -2 } }, { 0, 1, 1, 0, 0, 0 },
      grad = false },
    { function(a) return a:isinf() end, { 0.125 }, 0, grad = false },
    { function(a) return a:isinf() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.isinf() end, "tensor" },
    },
  },
  isfinite = {
    { function(a) return a:isfinite() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 1, 1, 1, 1,
      1, 1 }, grad = false },
    { function(a) return a:isfinite() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a) return a:isfinite() end, { { nan, inf, -inf, 0, 1, -2 } }, { 0, 0, 0, 1, 1, 1 },
      grad = false },
    { function(a) return a:isfinite() end, { 0.125 }, 1, grad = false },
    { function(a) return a:isfinite() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.isfinite() end, "tensor" },
    },
  },
  logical_not = {
    { function(a) return a:logical_not() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 0, 0, 0,
      0, 0, 0 }, grad = false },
    { function(a) return a:logical_not() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, {
      { 0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a) return a:logical_not() end, { { nan, inf, -inf, 0, 1, -2 } }, { 0, 0, 0, 1, 0, 0
      }, grad = false },
    { function(a) return a:logical_not() end, { 0.125 }, 0, grad = false },
    { function(a) return a:logical_not() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.logical_not() end, "tensor" },
    },
  },
  clamp = {
    { function(a) return a:clamp(-1, 1.5) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { -1, -1,
      -0.5, 0.125, 0.75, 1.5 } },
    { function(a) return a:clamp(0) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 0, 0, 0,
      0.125, 0.75, 2.5 } },
    { function(a) return a:clamp(nil, 0) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { -3,
      -1.25, -0.5, 0, 0, 0 } },
    { function(a) return a:clamp(2, 1) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 1, 1, 1,
      1, 1, 1 } },
    { function(a) return a:clamp(-1, 1) end, { { nan, inf, -inf } }, { nan, 1, -1 }, grad = false
      },
    { function(a) return a:clamp(-1, 1) end, { {} }, {} },
    { function(a) return a:clamp(-1, 1) end, { 3 }, 1 },
    { function(a, b, c) return a:clamp(b, c) end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } },
      { -1, -2, 0.5 }, { { 0.3 }, { 0.9 } } }, { { -1, -1.25, 0.3 }, { 0.125, 0.75, 0.9 } } },
    { function(a, b) return a:clamp(nil, b) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 }, 1 }, {
      -3, -1.25, -0.5, 0.125, 0.75, 1 } },
    { function(a, b) return a:clamp(b) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 }, { { 0.5 }, {
      -1 } } }, { { 0.5, 0.5, 0.5, 0.5, 0.75, 2.5 }, { -1, -1, -0.5, 0.125, 0.75, 2.5 } } },
    wrong = {
      { function() return ms.ones(2):clamp() end, "lower bound" },
      { function() return ms.ones(2):clamp(0, 1, 2) end, "too many" },
      { function() return ms.ones(2):clamp([[low]]) end, "got string" },
      { function() return ms.ones(2):clamp(ms.ones(3)) end, "do not fit" },
    },
  },
  exp2 = {
    { function(a) return a:exp2() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { 0.125,
      0.420448207626857, 0.707106781186548, 1.09050773266526, 1.68179283050743, 5.65685424949238 }
      },
    { function(a) return a:exp2() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      0.125, 0.420448207626857, 0.707106781186548 }, { 1.09050773266526, 1.68179283050743,
      5.65685424949238 } } },
    { function(a) return a:exp2() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, inf, 0, 1, 2, 0.25
      }, grad = false },
    { function(a) return a:exp2() end, { 0.125 }, 1.09050773266526 },
    { function(a) return a:exp2() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.exp2() end, "tensor" },
    },
  },
  asinh = {
    { function(a) return a:asinh() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -1.81844645923207, -1.04759301264926, -0.481211825059603, 0.124676746921443,
      0.693147180559945, 1.6472311463711 } },
    { function(a) return a:asinh() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -1.81844645923207, -1.04759301264926, -0.481211825059603 }, { 0.124676746921443,
      0.693147180559945, 1.6472311463711 } } },
    { function(a) return a:asinh() end, { { nan, inf, -inf, 0, 1, -2 } }, { nan, inf, -inf, 0,
      0.881373587019543, -1.44363547517881 }, grad = false },
    { function(a) return a:asinh() end, { 0.125 }, 0.124676746921443 },
    { function(a) return a:asinh() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.asinh() end, "tensor" },
    },
  },
  acosh = {
    { function(a) return a:acosh() end, { { 1.05, 1.5, 2, 3.75, 40, 1234.5 } }, {
      0.314924756603848, 0.962423650119207, 1.31695789692482, 1.99663151849857, 4.38187034804007,
      7.81156832530209 } },
    { function(a) return a:acosh() end, { { { 1.05, 1.5, 2 }, { 3.75, 40, 1234.5 } } }, { {
      0.314924756603848, 0.962423650119207, 1.31695789692482 }, { 1.99663151849857,
      4.38187034804007, 7.81156832530209 } } },
    { function(a) return a:acosh() end, { { nan, inf, 1, 0, 2 } }, { nan, inf, 0, nan,
      1.31695789692482 }, grad = false },
    { function(a) return a:acosh() end, { 3.75 }, 1.99663151849857 },
    { function(a) return a:acosh() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.acosh() end, "tensor" },
    },
  },
  atanh = {
    { function(a) return a:atanh() end, { { -0.95, -0.6, -0.25, 0.1, 0.5, 0.875 } }, {
      -1.83178082306482, -0.693147180559945, -0.255412811882995, 0.100335347731076,
      0.549306144334055, 1.35402510055111 } },
    { function(a) return a:atanh() end, { { { -0.95, -0.6, -0.25 }, { 0.1, 0.5, 0.875 } } }, { {
      -1.83178082306482, -0.693147180559945, -0.255412811882995 }, { 0.100335347731076,
      0.549306144334055, 1.35402510055111 } } },
    { function(a) return a:atanh() end, { { nan, 1, -1, 0, 2 } }, { nan, inf, -inf, 0, nan }, grad
      = false },
    { function(a) return a:atanh() end, { 0.1 }, 0.100335347731076 },
    { function(a) return a:atanh() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.atanh() end, "tensor" },
    },
  },
  hardsigmoid = {
    { function(a) return a:hardsigmoid() end, { { -4, -1.25, -0.5, 0.125, 0.75, 5 } }, { 0,
      0.291666666666667, 0.416666666666667, 0.520833333333333, 0.625, 1 } },
    { function(a) return a:hardsigmoid() end, { { { -4, -1.25, -0.5 }, { 0.125, 0.75, 5 } } }, { {
      0, 0.291666666666667, 0.416666666666667 }, { 0.520833333333333, 0.625, 1 } } },
    { function(a) return a:hardsigmoid() end, { { nan, -4, 4, 0 } }, { nan, 0, 1, 0.5 }, grad =
      false },
    { function(a) return a:hardsigmoid() end, { 0.125 }, 0.520833333333333 },
    { function(a) return a:hardsigmoid() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.hardsigmoid() end, "tensor" },
    },
  },
  hardswish = {
    { function(a) return a:hardswish() end, { { -4, -1.25, -0.5, 0.125, 0.75, 5 } }, { 0,
      -0.364583333333333, -0.208333333333333, 0.0651041666666667, 0.46875, 5 } },
    { function(a) return a:hardswish() end, { { { -4, -1.25, -0.5 }, { 0.125, 0.75, 5 } } }, { { 0,
      -0.364583333333333, -0.208333333333333 }, { 0.0651041666666667, 0.46875, 5 } } },
    { function(a) return a:hardswish() end, { { 0, 1, -2 } }, { 0, 0.666666666666667,
      -0.333333333333333 }, grad = false },
    { function(a) return a:hardswish() end, { 0.125 }, 0.0651041666666667 },
    { function(a) return a:hardswish() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.hardswish() end, "tensor" },
    },
  },
  softsign = {
    { function(a) return a:softsign() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { -0.75,
      -0.555555555555556, -0.333333333333333, 0.111111111111111, 0.428571428571429,
      0.714285714285714 } },
    { function(a) return a:softsign() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.75, -0.555555555555556, -0.333333333333333 }, { 0.111111111111111, 0.428571428571429,
      0.714285714285714 } } },
    { function(a) return a:softsign() end, { { nan, 0, 1 } }, { nan, 0, 0.5 }, grad = false },
    { function(a) return a:softsign() end, { 0.125 }, 0.111111111111111 },
    { function(a) return a:softsign() end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ops.softsign() end, "tensor" },
    },
  },
  celu = {
    { function(a) return a:celu() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.950212931632136, -0.71349520313981, -0.393469340287367, 0.125, 0.75, 2.5 } },
    { function(a) return a:celu() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -0.950212931632136, -0.71349520313981, -0.393469340287367 }, { 0.125, 0.75, 2.5 } } },
    { function(a) return a:celu() end, { { nan, inf, -inf, 0 } }, { nan, inf, -1, 0 }, grad = false
      },
    { function(a) return a:celu() end, { 0.125 }, 0.125 },
    { function(a) return a:celu() end, { {} }, {}, grad = false },
    { function(a) return a:celu(0.5) end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, {
      -0.498760623911667, -0.458957500688051, -0.316060279414279, 0.125, 0.75, 2.5 } },
    wrong = {
      { function() return ms.ops.celu() end, "tensor" },
      { function() return ms.ones(2):celu(0) end, "alpha" },
    },
  },
  logit = {
    { function(a) return a:logit() end, { { 0.05, 0.25, 0.5, 0.75, 0.875, 0.9 } }, {
      -2.94443897916644, -1.09861228866811, 0, 1.09861228866811, 1.94591014905531, 2.19722457733622
      } },
    { function(a) return a:logit() end, { { { 0.05, 0.25, 0.5 }, { 0.75, 0.875, 0.9 } } }, { {
      -2.94443897916644, -1.09861228866811, 0 }, { 1.09861228866811, 1.94591014905531,
      2.19722457733622 } } },
    { function(a) return a:logit() end, { { nan, 0, 1, 0.5, -1, 2 } }, { nan, -inf, inf, 0, nan,
      nan }, grad = false },
    { function(a) return a:logit() end, { 0.75 }, 1.09861228866811 },
    { function(a) return a:logit() end, { {} }, {}, grad = false },
    { function(a) return a:logit(0.1) end, { { 0.05, 0.25, 0.5, 0.75, 0.97 } }, {
      -2.19722457733622, -1.09861228866811, 0, 1.09861228866811, 2.19722457733622 } },
    wrong = {
      { function() return ms.ops.logit() end, "tensor" },
      { function() return ms.ones(2):logit(1) end, "epsilon" },
    },
  },
}
