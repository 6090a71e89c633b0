--- Linear algebra, against PyTorch; vectors, whose signs are free, by what they multiply to.
local ms = require "moonstem"
local linalg = ms.linalg

local function turned(x) return x:permute { 2, 1 } end
local function symmetric(a) return a + turned(a) end

return {
  ["linalg.solve"] = {
    { function(a, b) return linalg.solve(a, b) end, { { { -0.5, 1.5, 2 }, { -2, 3.5, -2 }, { -0.5,
      2.5, 0.5 } }, { { -3.5, 0.5 }, { 0.5, 0.5 }, { 0.5, 3 } } }, { { 3.85454545454545,
      3.56363636363636 }, { 1.32727272727273, 1.98181818181818 }, { -1.78181818181818,
      -0.345454545454545 } }, near = { 1e-4, 1e-10 } },
    { function(a, b) return linalg.solve(a, b) end, { { { -0.5, 1.5, 2 }, { -2, 3.5, -2 }, { -0.5,
      2.5, 0.5 } }, { -3.5, 0.5, 0.5 } }, { 3.85454545454545, 1.32727272727273, -1.78181818181818
      }, near = { 1e-4, 1e-10 } },
    { function(a, b) return linalg.solve(a, b) end, { { { { 2.5, 5 }, { 0.5, 5 } }, { { 4, 3.5 },
      { -2, -1 } } }, { { { -1.5 }, { 2.5 } }, { { -2 }, { 3.5 } } } }, { { { -2 }, { 0.7 } }, { {
      -3.41666666666667 }, { 3.33333333333333 } } }, near = { 1e-4, 1e-10 } },
    { function(a, b) return linalg.solve(a, b) end, { { { { 2.5, 5 }, { 0.5, 5 } }, { { 4, 3.5 },
      { -2, -1 } } }, { { -1, 3 }, { 4, -1 } } }, { { -2, 0.8 }, { -0.166666666666667,
      1.33333333333333 } }, near = { 1e-4, 1e-10 } },
    { function(a, b) return linalg.solve(a, b) end, { { { -0.5, 1.5, 2 }, { -2, 3.5, -2 }, { -0.5,
      2.5, 0.5 } }, { { { 0 }, { -2 }, { -2.5 } }, { { -0.5 }, { 0.5 }, { 0.5 } } } }, { { { -2.4
      }, { -1.6 }, { 0.6 } }, { { 0.909090909090909 }, { 0.454545454545455 }, { -0.363636363636364
      } } }, near = { 1e-4, 1e-10 } },
    { function(a, b) return linalg.solve(a, b) end, { { { { 2.5, 5 }, { 0.5, 5 } }, { { 4, 3.5 },
      { -2, -1 } } }, { 0.5, 0 } }, { { 0.25, -0.025 }, { -0.166666666666667, 0.333333333333333 }
      }, near = { 1e-4, 1e-10 } },
    { function(a, b) return linalg.solve(a, b) end, { { { 2 } }, { 6 } }, { 3 }, near = { 1e-4,
      1e-10 } },
    { function(a, b) return linalg.solve(a, b) end, { { { 0, 1 }, { 0/0, 1 } }, { 1, 1 } }, { 0/0,
      0/0 }, near = { 1e-4, 1e-10 }, grad = false },
    { function() return linalg.solve(ms.zeros(0, 0), ms.zeros(0, 1)):sum() end, { }, 0, near = {
      1e-4, 1e-10 } },
    wrong = {
      { function() return linalg.solve(ms.eye(3), ms.tensor(2)) end, "but the right sides are" },
      { function() return linalg.solve(ms.zeros(2, 2), ms.ones(2)) end,
        "solve: the matrix is singular: its pivot 1 is 0" },
      { function() return linalg.solve(ms.zeros(3, 2, 2), ms.ones(2)) end, "matrix 1 is singular"
        },
      { function() return linalg.solve(ms.ones(2, 3), ms.ones(2)) end,
        "square matrices are expected, got 2x3" },
      { function() return linalg.solve(ms.ones(2, 2), ms.ones(3)) end,
        "the matrices are 2x2, but the right sides are 3" },
      { function() return linalg.solve(ms.ones(2), 2) end, "a tensor is expected" },
    },
  },
  ["linalg.inverse"] = {
    { function(a) return linalg.inverse(a) end, { { { -0.5, 1.5, 2 }, { -2, 3.5, -2 }, { -0.5,
      2.5, 0.5 } } }, { { -0.981818181818182, -0.618181818181818, 1.45454545454545 }, {
      -0.290909090909091, -0.109090909090909, 0.727272727272727 }, { 0.472727272727273,
      -0.0727272727272727, -0.181818181818182 } }, near = { 1e-4, 1e-10 } },
    { function(a) return linalg.inverse(a) end, { { { { 2.5, 5 }, { 0.5, 5 } }, { { 4, 3.5 }, {
      -2, -1 } } } }, { { { 0.5, -0.5 }, { -0.05, 0.25 } }, { { -0.333333333333333,
      -1.16666666666667 }, { 0.666666666666667, 1.33333333333333 } } }, near = { 1e-4, 1e-10 } },
    { function() return linalg.inverse(ms.zeros(0, 3, 3)):sum() end, { }, 0, near = { 1e-4, 1e-10
      } },
    wrong = {
      { function() return linalg.inverse { { 1, 2 }, { 2, 4 } } end,
        "inverse: the matrix is singular: its pivot 2 is 0" },
    },
  },
  ["linalg.det"] = {
    { function(a) return linalg.det(a) end, { { { -0.5, 1.5, 2 }, { -2, 3.5, -2 }, { -0.5, 2.5,
      0.5 } } }, -6.875, near = { 1e-4, 1e-10 } },
    { function(a) return linalg.det(a) end, { { { { 2.5, 5 }, { 0.5, 5 } }, { { 4, 3.5 }, { -2, -1
      } } } }, { 10, 3 }, near = { 1e-4, 1e-10 } },
    { function(a) return linalg.det(a) end, { { { 1, 2, 0 }, { 2, 4, 0 }, { 1, 1, 1 } } }, 0, near
      = { 1e20, 1e20 } },
    { function(a) return linalg.det(a) end, { { { 3 } } }, 3, near = { 1e-4, 1e-10 } },
    { function() return linalg.det(ms.zeros(0, 0)) end, { }, 1, near = { 1e-4, 1e-10 } },
    wrong = {
      { function() return linalg.det(ms.ones(2)) end, "a matrix or a batch of matrices" },
      { function() return linalg.det(ms.ones(2, 3)) end, "square" },
    },
  },
  ["linalg.slogdet"] = {
    { function(a) return linalg.slogdet(a) end, { { { { 2.5, 5 }, { 0.5, 5 } }, { { 4, 3.5 }, {
      -2, -1 } } } }, results = { { 1, 1 }, { 2.30258509299405, 1.09861228866811 } }, near = {
      1e-4, 1e-10 } },
    { function(a) return linalg.slogdet(a) end, { { { 1, 2 }, { 2, 4 } } }, results = { 0,
      -math.huge }, grad = false },
    wrong = {
      { function() local a = ms.tensor { { 1, 2 }, { 2, 4 } }:needs_grad() local _, l =
        linalg.slogdet(a) l:backward() end, "is singular: the logarithm of 0 has no gradient" },
    },
  },
  ["linalg.cholesky"] = {
    { function(a) return linalg.cholesky(symmetric(a)) end, { { { 3.75, 0, 0 }, { 2.25, 10.625, 0
      }, { 5, 8.75, 3.875 } } }, { { 2.73861278752583, 0, 0 }, { 0.821583836257749,
      4.53596737201669, 0 }, { 1.82574185835055, 1.59833601201074, 1.36454705282605 } }, near = {
      1e-4, 1e-10 } },
    { function(a) return linalg.cholesky(a:matmul(a:permute { 1, 3, 2 })) end, { { { { 2.5, 5 }, {
      0.5, 5 } }, { { 4, 3.5 }, { -2, -1 } } } }, { { { 5.59016994374947, 0 }, { 4.69574275274956,
      1.78885438199983 } }, { { 5.31507290636732, 0 }, { -2.16365799728227, 0.564432521030158 } }
      }, near = { 1e-4, 1e-10 } },
    { function(a) return linalg.cholesky(a) end, { { { 4, 99 }, { 2, 5 } } }, { { 2, 0 }, { 1, 2 }
      }, near = { 1e-4, 1e-10 }, grad = false },
    { function() return linalg.cholesky(ms.zeros(0, 0)):sum() end, { }, 0 },
    wrong = {
      { function() return linalg.cholesky { { 1, 2 }, { 2, 1 } } end,
        "matrix 1 is not positive definite: its first 2 rows" },
      { function() return linalg.cholesky { { 0 / 0 } } end, "not positive definite" },
    },
  },
  ["linalg.qr"] = {
    { function(x) local q, r = linalg.qr(x) return q:matmul(r), turned(q):matmul(q), r * r end, {
      { { -0.5, 1.5, 2 }, { -2, 3.5, -2 }, { -0.5, 2.5, 0.5 } } }, results = { { { -0.5, 1.5, 2 },
      { -2, 3.5, -2 }, { -0.5, 2.5, 0.5 } }, { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } }, { { 4.5,
      18, 1.68055555555555 }, { 0, 2.75, 2.75 }, { 0, 0, 3.81944444444445 } } }, near = { 1e-4,
      1e-10 } },
    { function(x) local q, r = linalg.qr(x) return q:matmul(r), turned(q):matmul(q), r * r end, {
      { { -1, -4 }, { 2, -0.5 }, { 2, 0 }, { 1, 0.5 } } }, results = { { { -1, -4 }, { 2, -0.5 },
      { 2, 0 }, { 1, 0.5 } }, { { 1, 0 }, { 0, 1 } }, { { 10, 1.225 }, { 0, 15.275 } } }, near = {
      1e-4, 1e-10 } },
    { function(x) local q, r = linalg.qr(x) return q:matmul(r), turned(q):matmul(q), r * r end, {
      { { -2, -3.5, -1.5 }, { 2, 0.5, 1 } } }, results = { { { -2, -3.5, -1.5 }, { 2, 0.5, 1 } },
      { { 1, 0 }, { 0, 1 } }, { { 8, 7.99999999999999, 3.125 }, { 0, 4.5, 0.125 } } }, near = {
      1e-4, 1e-10 }, grad = false },
    { function(x) local q, r = linalg.qr(x, { mode = "complete" }) return q:matmul(r),
      turned(q):matmul(q), r * r end, { { { 4.5, -2 }, { -4, 3.5 }, { -1, 2 } } }, results = { { {
      4.5, -2 }, { -4, 3.5 }, { -1, 2 } }, { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } }, { { 37.25,
      16.7785234899329 }, { 0, 3.47147651006711 }, { 0, 0 } } }, near = { 1e-4, 1e-10 }, grad =
      false },
    wrong = {
      { function() return linalg.qr(ms.ones(2, 2), { mode = "r" }) end, "option mode must be" },
      { function() linalg.qr(ms.ones(1, 2):needs_grad()):sum():backward() end,
        "no matrix is wider than high" },
      { function() return linalg.qr(ms.ones(2, 2), nil, 1) end, "takes" },
    },
  },
  ["linalg.eigh"] = {
    { function(a) local w, v = linalg.eigh(symmetric(a)) return w, (v * w):matmul(turned(v)), v *
      v end, { { { -0.5, 0, 0 }, { -2, 3.5, 0 }, { -0.5, 2.5, 0.5 } } }, results = { {
      -1.4765341852307, 0.121591801609711, 8.35494238362099 }, { { -1, -2, -0.5 }, { -2, 7, 2.5 },
      { -0.5, 2.5, 1 } }, { { 0.938294594865254, 0.0158041441606224, 0.0459012609741233 }, {
      0.0592004110942966, 0.0938761105071534, 0.84692347839855 }, { 0.00250499404044917,
      0.890319745332224, 0.107175260627327 } } }, near = { 1e-4, 1e-10 } },
    { function(a) return (linalg.eigh(a)) end, { { { { 2, 99 }, { 0, 1 } }, { { 3, 0 }, { 0, 3 } }
      } }, { { 1, 2 }, { 3, 3 } }, grad = false, near = { 1e-4, 1e-10 } },
    wrong = {
      { function() return linalg.eigh { { 0 / 0 } } end,
        "eigh: the matrix has a number that is not finite" },
      { function() return linalg.eigh { { 1, 2 } } end, "square" },
    },
  },
  ["linalg.svd"] = {
    { function(x) local u, s, vt = linalg.svd(x, { full_matrices = false }) return s, (u *
      s):matmul(vt), u * u, vt * vt end, { { { -2.5, 1, -2.5 }, { 1, -2.5, -1.5 }, { -2, 0, 2 } }
      }, results = { { 3.82602129997515, 3.56868188694425, 1.90422440955169 }, { { -2.5, 1, -2.5
      }, { 1, -2.5, -1.5 }, { -2, 0, 2 } }, { { 0.434778890445396, 0.558321407631066,
      0.00689970192353899 }, { 0.360635059577549, 0.208847907897479, 0.430517032524972 }, {
      0.204586049977056, 0.232830684471455, 0.562583265551489 } }, { { 0.679387567219555,
      0.318929154714385, 0.00168327806606012 }, { 0.0156171560888121, 0.0122690642973376,
      0.97211377961385 }, { 0.304995276691633, 0.668801780988277, 0.0262029423200895 } } }, near =
      { 1e-4, 1e-10 } },
    { function(x) local u, s, vt = linalg.svd(x, { full_matrices = false }) return s, (u *
      s):matmul(vt), u * u, vt * vt end, { { { -1.5, -0.5 }, { -1.5, 2 }, { -0.5, 1.5 }, { -1.5, 5
      } } }, results = { { 5.94846222147057, 1.76516208880019 }, { { -1.5, -0.5 }, { -1.5, 2 }, {
      -0.5, 1.5 }, { -1.5, 5 } }, { { 7.48884341886975e-05, 0.801512413153113 }, {
      0.162267995123376, 0.16312883027345 }, { 0.070578109292284, 0.000850462136287401 }, {
      0.767079007150152, 0.03450829443715 } }, { { 0.120371698817352, 0.879628301182649 }, {
      0.879628301182649, 0.120371698817352 } } }, near = { 1e-4, 1e-10 } },
    { function(x) local u, s, vt = linalg.svd(x, { full_matrices = false }) return s, (u *
      s):matmul(vt), u * u, vt * vt end, { { { -1, 2.5, -1.5, 0.5 }, { 3, -1, 0, -6.5 } } },
      results = { { 7.34717431320115, 2.83178911846154 }, { { -1, 2.5, -1.5, 0.5 }, { 3, -1, 0,
      -6.5 } }, { { 0.0376609507626421, 0.962339049237358 }, { 0.962339049237358,
      0.0376609507626421 } }, { { 0.182304277578285, 0.0398213386896626, 0.00156975946534481,
      0.776304624266707 }, { 0.0198325979631528, 0.636037743031388, 0.27001557117283,
      0.0741140878326286 } } }, near = { 1e-4, 1e-10 } },
    { function(x) local u, s, vt = linalg.svd(x) return s, turned(u):matmul(u),
      turned(vt):matmul(vt), u:slice(2, 1, 2):square() end, { { { 5, 0 }, { -2.5, 3.5 }, { 0.5,
      1.5 } } }, results = { { 5.88834590780202, 3.36561769517443 }, { { 1, 0, 0 }, { 0, 1, 0 }, {
      0, 0, 1 } }, { { 1, 0 }, { 0, 1 } }, { { 0.623042084723288, 0.299936909547877 }, {
      0.376733632150503, 0.480045489428109 }, { 0.000224283126208784, 0.220017601024014 } } },
      near = { 1e-4, 1e-10 }, grad = false },
    { function(x) local _, s = linalg.svd(x) return s end, { { { { -1, 1, 0 }, { 2, -1.5, 1 } }, {
      { 0.5, -4.5, -0.5 }, { 1, 1, -1.5 } } } }, { { 3, 0.5 }, { 4.62245323670063,
      1.90602362905498 } }, near = { 1e-4, 1e-10 } },
    { function() local u, s, vt = linalg.svd(ms.zeros(0, 2)) return u:sum(), s:sum(), vt end, { },
      results = { 0, 0, { { 1, 0 }, { 0, 1 } } } },
    wrong = {
      { function() return linalg.svd { { 1, 0 / 0 } } end, "not finite " },
      { function() return linalg.svd { { 1, math.huge } } end, "not finite (inf)" },
      { function() linalg.svd(ms.tensor { { 1, 2 } }:needs_grad(), {}):sum():backward() local _,
        _, v = linalg.svd(ms.tensor { { 1, 2 } }:needs_grad()) v:sum():backward() end,
        "take full_matrices = false" },
      { function() return linalg.svd({ { 1 } }, { full = true }) end, "no option full" },
    },
  },
  ["linalg.pinv"] = {
    { function(x) return linalg.pinv(x) end, { { { 0, 2, -2.5 }, { -2, -3.5, -4.5 }, { 1.5, 1.5,
      -0.5 } } }, { { -0.402366863905325, 0.130177514792899, 0.840236686390532 }, {
      0.366863905325444, -0.177514792899408, -0.236686390532544 }, { -0.106508875739645,
      -0.142011834319527, -0.189349112426036 } }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.pinv(x) end, { { { 1.5, -1 }, { 0, 0 }, { 4.5, 2.5 }, { 0.5, -1 }
      } }, { { 0.211750305997552, 0, 0.137086903304774, 0.130966952264382 }, { -0.358629130966952,
      0, 0.149326805385557, -0.268053855569155 } }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.pinv(x) end, { { { 2.5, 1.5, -1, 2 }, { 2.5, 0, 0, 6 } } }, { {
      0.25283118251251, -0.0500395048722676 }, { 0.267052936528839, -0.115354227021333 }, {
      -0.178035291019226, 0.0769028180142217 }, { -0.105346326046879, 0.187516460363445 } }, near
      = { 1e-4, 1e-10 } },
    { function(x) return linalg.pinv(x) end, { { { { -0.5, 3 }, { 1.5, -1.5 }, { 0.5, -1.5 } }, {
      { 0, -2.5 }, { -3, -0.5 }, { 1, -2.5 } } } }, { { { 0.4, 0.8, 2.77555756156289e-17 }, {
      0.355555555555556, 0.155555555555556, -0.111111111111111 } }, { { -0.0197628458498023,
      -0.306324110671937, 0.0810276679841897 }, { -0.197628458498024, -0.0632411067193676,
      -0.189723320158103 } } }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.pinv(x) end, { { { 1, 2 }, { 2, 4 } } }, { { 0.04, 0.08 }, { 0.08,
      0.16 } }, near = { 1e-4, 1e-10 }, grad = false },
    { function(x) return linalg.pinv(x, { rtol = 0.1 }) end, { { { 1, 0 }, { 0, 0.05 } } }, { { 1,
      0 }, { 0, 0 } }, near = { 1e-4, 1e-10 }, grad = false },
    wrong = {
      { function() return linalg.pinv(ms.ones(2, 2), { rtol = -2 }) end, "rtol must be 0 or more"
        },
      { function() return linalg.pinv { { 0 / 0 } } end, "not finite" },
    },
  },
  ["linalg.lstsq"] = {
    { function(a, b) return (linalg.lstsq(a, b)) end, { { { -0.5, 1 }, { -3, 0 }, { 1.5, -2.5 }, {
      -2, -1.5 } }, { { 2, 0.5 }, { 0, -3.5 }, { -0.5, -1 }, { -0.5, -1.5 } } }, { {
      -0.0145860145860146, 0.811239811239811 }, { 0.419133419133419, 0.659373659373659 } }, near =
      { 1e-4, 1e-10 } },
    { function(a, b) return (linalg.lstsq(a, b)) end, { { { 4.5, -3, -1 }, { 0, 1.5, -0.5 }, { 0,
      -0.5, 1 } }, { { 1.5 }, { -1 }, { 0.5 } } }, { { -0.0222222222222222 }, { -0.6 }, { 0.2 } },
      near = { 1e-4, 1e-10 } },
    { function(a, b) return (linalg.lstsq(a, b)) end, { { { 1, -1, -0.5 }, { 0, -1, -1.5 } }, { {
      -1, -0.5 }, { 0, 0.5 } } }, { { -0.764705882352942, -0.588235294117647 }, {
      0.352941176470588, 0.117647058823529 }, { -0.235294117647059, -0.411764705882353 } }, near =
      { 1e-4, 1e-10 } },
    { function(a, b) return (linalg.lstsq(a, b)) end, { { { { 2, -1 }, { -4.5, -0.5 }, { 2.5, -2 }
      }, { { -3.5, 0 }, { 2.5, -2 }, { -2, 0 } } }, { { -3.5, 1, 1.5 }, { 0, -4.5, 3 } } }, { {
      -0.295774647887324, -0.267605633802817 }, { -0.369230769230769, 1.78846153846154 } }, near =
      { 1e-4, 1e-10 } },
    { function(a, b) local x, left, rank, s = linalg.lstsq(a, b) return x:detach(), left, rank, s
      end, { { { 4.5, 3 }, { 1.5, 0 }, { -3.5, 2.5 }, { -1, -2.5 } }, { { -2.5, -2.5 }, { 1.5, 2.5
      }, { 0.5, -2.5 }, { -0.5, -1 } } }, results = { { { -0.257135375752815, 0.181461115475255 },
      { -0.145849698874051, -0.584446190102121 } }, { 5.63511390416339, 12.7666928515318 }, 2, {
      6.22816540158143, 4.29650505999283 } }, near = { 1e-4, 1e-10 }, grad = false },
    { function(a, b) local x, left, rank = linalg.lstsq(a, b) return x, left:count(), rank end, {
      { { 1, 2 }, { 2, 4 }, { 3, 6 } }, { { 1 }, { 2 }, { 4 } } }, results = { { {
      0.242857142857143 }, { 0.485714285714286 } }, 0, 1 }, near = { 1e-4, 1e-10 }, grad = false
      },
    wrong = {
      { function() return linalg.lstsq(ms.ones(2, 2), ms.ones(3, 1)) end,
        "lstsq: a (..., m, n) and b (..., m, k) are expected" },
      { function() return linalg.lstsq({ { 0 / 0 } }, { { 1 } }) end, "not finite" },
      { function() return linalg.lstsq({ { 1 } }, { { 1 } }, { rcond = 1 }) end, "no option rcond"
        },
    },
  },
  ["linalg.matrix_norm"] = {
    { function(x) return linalg.matrix_norm(x, "fro") end, { { { { 2.5, 1.63 }, {
      -0.132304473782995, -0.824500185048138 }, { 2.04, 4.45344418537486 } }, { {
      3.91060199937088, 1.90763369306878 }, { -0.0584357902639621, -2.99 }, { 3.11096095821889,
      7.24277345020822 } } } }, { 5.79646186403194, 9.48742506587545 }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.matrix_norm(x, "nuc") end, { { { { 2.5, 1.63 }, {
      -0.132304473782995, -0.824500185048138 }, { 2.04, 4.45344418537486 } }, { {
      3.91060199937088, 1.90763369306878 }, { -0.0584357902639621, -2.99 }, { 3.11096095821889,
      7.24277345020822 } } } }, { 7.05650291234822, 11.9775245429262 }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.matrix_norm(x, 1) end, { { { { 2.5, 1.63 }, { -0.132304473782995,
      -0.824500185048138 }, { 2.04, 4.45344418537486 } }, { { 3.91060199937088, 1.90763369306878
      }, { -0.0584357902639621, -2.99 }, { 3.11096095821889, 7.24277345020822 } } } }, {
      6.907944370423, 12.140407143277 }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.matrix_norm(x, -1) end, { { { { 2.5, 1.63 }, { -0.132304473782995,
      -0.824500185048138 }, { 2.04, 4.45344418537486 } }, { { 3.91060199937088, 1.90763369306878
      }, { -0.0584357902639621, -2.99 }, { 3.11096095821889, 7.24277345020822 } } } }, {
      4.672304473783, 7.07999874785373 }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.matrix_norm(x, 2) end, { { { { 2.5, 1.63 }, { -0.132304473782995,
      -0.824500185048138 }, { 2.04, 4.45344418537486 } }, { { 3.91060199937088, 1.90763369306878
      }, { -0.0584357902639621, -2.99 }, { 3.11096095821889, 7.24277345020822 } } } }, {
      5.61413897293851, 9.01206239652529 }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.matrix_norm(x, -2) end, { { { { 2.5, 1.63 }, { -0.132304473782995,
      -0.824500185048138 }, { 2.04, 4.45344418537486 } }, { { 3.91060199937088, 1.90763369306878
      }, { -0.0584357902639621, -2.99 }, { 3.11096095821889, 7.24277345020822 } } } }, {
      1.4423639394097, 2.96546214640091 }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.matrix_norm(x, math.huge) end, { { { { 2.5, 1.63 }, {
      -0.132304473782995, -0.824500185048138 }, { 2.04, 4.45344418537486 } }, { {
      3.91060199937088, 1.90763369306878 }, { -0.0584357902639621, -2.99 }, { 3.11096095821889,
      7.24277345020822 } } } }, { 6.49344418537486, 10.3537344084271 }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.matrix_norm(x, -math.huge) end, { { { { 2.5, 1.63 }, {
      -0.132304473782995, -0.824500185048138 }, { 2.04, 4.45344418537486 } }, { {
      3.91060199937088, 1.90763369306878 }, { -0.0584357902639621, -2.99 }, { 3.11096095821889,
      7.24277345020822 } } } }, { 0.956804658831133, 3.04843579026396 }, near = { 1e-4, 1e-10 } },
    { function(x) return linalg.matrix_norm(x) end, { { { 3, 0 }, { 0, 4 } } }, 5, near = { 1e-4,
      1e-10 } },
    wrong = {
      { function() return linalg.matrix_norm({ { 1 } }, 3) end, "the order is \"fro\"" },
      { function() return linalg.matrix_norm(ms.ones(2)) end, "a matrix or a batch" },
    },
  },
}
