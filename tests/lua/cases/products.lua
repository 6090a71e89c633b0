--- Products, against PyTorch.
local ms = require "moonstem"

return {
  matmul = {
    { function(a, b) return a:matmul(b) end, { { { -1, -1 }, { -1, 1.5 } }, { { -0.5, 4, -3 }, {
      -1.5, 1.5, -2 } } }, { { 2, -5.5, 5 }, { -1.75, -1.75, 0 } } },
    { function(a, b) return a:matmul(b) end, { { -1, 1.5, 0.5 }, { -1.5, 1.5, 1 } }, 4.25 },
    { function(a, b) return a:matmul(b) end, { { { -1, 1.5, 0 }, { -2.5, -1, -1.5 } }, { 2, 0.5, 1
      } }, { -1.25, -7 } },
    { function(a, b) return a:matmul(b) end, { { -1, 0.5, 1 }, { { -4, -1 }, { 1, -4.5 }, { -0.5,
      2 } } }, { 4, 0.75 } },
    { function(a, b) return a:matmul(b) end, { { { { 0.5, 0, -2 }, { 2.5, -1, 2.5 } }, { { -1.5,
      -2, 0 }, { -3.5, -2.5, -0.5 } } }, { 0.5, 0, -1 } }, { { 2.25, -1.25 }, { -0.75, -1.25 } }
      },
    { function(a, b) return a:matmul(b) end, { { 0, -0.5, -1 }, { { { -1, -1 }, { 0, 2.5 }, { 2.5,
      3 } }, { { -2, 0 }, { 1, 3.5 }, { 0.5, -0.5 } } } }, { { -2.5, -4.25 }, { -1, -1.25 } } },
    { function(a, b) return a:matmul(b) end, { { { 1, 4.5, -3 }, { 1.5, 2, -1 } }, { { { 0, -2 },
      { -1.5, 0 }, { -0.5, 0.5 } }, { { -2, 1 }, { 3, 0 }, { -2.5, 2.5 } } } }, { { { -5.25, -3.5
      }, { -2.5, -3.5 } }, { { 19, -6.5 }, { 5.5, -1 } } } },
    { function(a, b) return a:matmul(b) end, { { { { -2.5, -1.5, -1.5 }, { 0, 0.5, 2 } }, { { 1,
      -1.5, -1 }, { -2.5, -2, -2.5 } } }, { { 1, 2.5 }, { -2.5, 2.5 }, { -0.5, -2.5 } } }, { { {
      2, -6.25 }, { -2.25, -3.75 } }, { { 5.25, 1.25 }, { 3.75, -5 } } } },
    { function(a, b) return a:matmul(b) end, { { { { -1.5 }, { -0.5 } }, { { -1 }, { 0 } } }, { {
      { -2.5, -1 } }, { { 1.5, 0.5 } } } }, { { { 3.75, 1.5 }, { 1.25, 0.5 } }, { { -1.5, -0.5 },
      { 0, 0 } } } },
    { function(a, b) return a:matmul(b) end, { { { { { 0.5, 0.5 } } }, { { { 1.5, -0.5 } } } }, {
      { { -1.5 }, { 1.5 } }, { { -0.5 }, { -2 } } } }, { { { { 0 } }, { { -1.25 } } }, { { { -3 }
      }, { { 0.25 } } } } },
    { function(a, b) return a:matmul(b) end, { { { 1.5 } }, { { -2.5 } } }, { { -3.75 } } },
    { function(a) return a:matmul { { 1, 0 }, { 0, 2 } } end, { { { 1, 2 } } }, { { 1, 4 } } },
    { function() return ms.zeros(2, 0):matmul(ms.zeros(0, 2)) end, { }, { { 0, 0 }, { 0, 0 } } },
    { function(a, b) return a:matmul(b) end, { { { 1, 2 }, { 3, 4 } }, { { 0/0, 1 }, { 0, 1 } } },
      { { 0/0, 3 }, { 0/0, 7 } }, grad = false },
    wrong = {
      { function() return ms.zeros(2, 3):matmul { side = 1 } end, "got side = ..." },
      { function() return ms.zeros(2, 3):matmul(ms.zeros(2, 3)) end, "2x3 and 2x3 do not multiply"
        },
      { function() return ms.zeros(2, 2, 3):matmul(ms.zeros(3, 3, 2)) end,
        "2x2x3 and 3x3x2 do not multiply" },
      { function() return ms.ones(2):matmul(ms.tensor(2)) end, "do not multiply" },
      { function() return ms.ones(2):matmul(2) end, "tensor" },
    },
  },
  dot = {
    { function(a, b) return a:dot(b) end, { { 1, -2.5, 1.5 }, { 3, -2, 0 } }, 8 },
    { function() return ms.zeros(0):dot(ms.zeros(0)) end, { }, 0 },
    wrong = {
      { function() return ms.ones(2):dot(ms.ones(3)) end, "2 and 3 numbers" },
      { function() return ms.ones(2, 2):dot(ms.ones(2)) end, "two vectors" },
    },
  },
  outer = {
    { function(a, b) return a:outer(b) end, { { 1, -2.5, 1.5 }, { 3, -2 } }, { { 3, -2 }, { -7.5,
      5 }, { 4.5, -3 } } },
    { function(a) return a:outer { 2 } end, { { 3 } }, { { 6 } } },
    wrong = {
      { function() return ms.ones(2, 2):outer(ms.ones(2)) end, "two vectors" },
    },
  },
  trace = {
    { function(a) return a:trace() end, { { { -0.5, 0.5, 0.5 }, { -2.5, -1.5, -2 }, { 0.5, 0.5, -1
      } } }, -3 },
    { function(a) return a:trace() end, { { { 1, 2, -3 }, { 0.5, 2, -0.5 } } }, 3 },
    wrong = {
      { function() return ms.ones(2, 2, 2):trace() end, "a matrix is expected" },
    },
  },
  diagonal = {
    { function(a) return a:diagonal(0, 1, 2) end, { { { -0.5, -1.5, 1.5 }, { 2, 0.5, -1.5 }, { 0,
      -1.5, 2 } } }, { -0.5, 0.5, 2 } },
    { function(a) return a:diagonal(1, 1, 2) end, { { { 2, 0.5, -0.5 }, { 1, -0.5, -2 } } }, {
      0.5, -2 } },
    { function(a) return a:diagonal(-1, 1, 2) end, { { { 1, -1.5 }, { 0, -2.5 }, { 2, -1 } } }, {
      0, -1 } },
    { function(a) return a:diagonal(0, 1, 3) end, { { { { 0, -2, 1 }, { 2.5, -4, -1.5 } }, { { 0,
      2, 1 }, { 0, 3, 0 } } } }, { { 0, 2 }, { 2.5, 3 } } },
    { function(a) return a:diagonal(1, -1, 1) end, { { { { -3, 0.5 } }, { { 2.5, 0.5 } }, { { 1,
      3.5 } } } }, { { 2.5, 3.5 } } },
    { function(a) return a:diagonal(5, 1, 2) end, { { { 0.5, 1 }, { 0.5, 1.5 } } }, {}, grad =
      false },
    wrong = {
      { function() return ms.ones(2):diagonal() end, "two different dimensions" },
      { function() return ms.ones(2, 2):diagonal(0, 1, -2) end, "two different dimensions" },
      { function() return ms.ones(2, 2):diagonal(0, 1, 3) end, "3" },
    },
  },
  cross = {
    { function(a, b) return a:cross(b) end, { { { -3, 0, 2.5 }, { -0.5, -1.5, 3 } }, { { 0.5,
      -2.5, -1.5 }, { 0.5, 0, 0.5 } } }, { { 6.25, -3.25, 7.5 }, { -0.75, 1.75, 0.75 } } },
    { function(a, b) return a:cross(b, -2) end, { { { -0.5, -0.5 }, { 0, 1.5 }, { 4.5, 1.5 } }, {
      { { 1 }, { 1.5 }, { 0.5 } }, { { 3 }, { -1 }, { -1.5 } } } }, { { { -6.75, -1.5 }, { 4.75,
      1.75 }, { -0.75, -2.25 } }, { { 4.5, -0.75 }, { 12.75, 3.75 }, { 0.5, -4 } } } },
    wrong = {
      { function() return ms.ones(2):cross(ms.ones(2)) end, "need 3 numbers" },
      { function() return ms.ones(3):cross(ms.ones(3), 2) end, "2" },
    },
  },
  kron = {
    { function(a, b) return a:kron(b) end, { { 0.5, -1.5 }, { -0.5, 0, -1.5 } }, { -0.25, 0,
      -0.75, 0.75, 0, 2.25 } },
    { function(a, b) return a:kron(b) end, { { { 0.5, -1 }, { 0.5, -2 } }, { { 1.5 }, { -0.5 } }
      }, { { 0.75, -1.5 }, { -0.25, 0.5 }, { 0.75, -3 }, { -0.25, 1 } } },
    { function(a, b) return a:kron(b) end, { { -3.5, -2 }, { { -2, -0.5 }, { 2, 1.5 } } }, { { 7,
      1.75, 4, 1 }, { -7, -5.25, -4, -3 } } },
    { function(a) return a:kron(3) end, { { 1, 2 } }, { 3, 6 } },
    wrong = {
      { function() return ms.ones(1, 1, 1, 1, 1):kron(ms.ones(1)) end, "at most 4 dimensions" },
    },
  },
  einsum = {
    { function(a, b) return ms.einsum("ij,jk->ik", a, b) end, { { { -1, -2.5, -1 }, { 2.5, -2.5,
      2.5 } }, { { -1.5, 0.5 }, { -2.5, 6 }, { 0, 0.5 } } }, { { 7.75, -16 }, { 2.5, -12.5 } } },
    { function(a, b) return ms.einsum("ij,jk", a, b) end, { { { -2, 0, -1 }, { 1, -4, 1 } }, { {
      -0.5, -4 }, { 2, 3 }, { 0.5, -1 } } }, { { 0.5, 9 }, { -8, -17 } } },
    { function(a, b) return ms.einsum("ij,kj->ik", a, b) end, { { { 1, 1, -2 }, { 0, -4, 1.5 } },
      { { -1.5, 1.5, -2 }, { 2, 4.5, 1.5 } } }, { { 4, 3.5 }, { -9, -15.75 } } },
    { function(a, b) return ms.einsum("ji,jk->ki", a, b) end, { { { -1, 0.5 }, { 0, -4 }, { 1, 2 }
      }, { { 3, 3 }, { 0, 0.5 }, { -3, -1.5 } } }, { { -6, -4.5 }, { -4.5, -3.5 } } },
    { function(a, b) return ms.einsum("bij,bjk->bik", a, b) end, { { { { -1.5, 1.5, -0.5 } }, { {
      0, -1, -2 } } }, { { { -1, -1.5 }, { 0, 2.5 }, { -1, 1.5 } }, { { -1, 0 }, { 0.5, -4 }, { 4,
      1.5 } } } }, { { { 2, 5.25 } }, { { -8.5, 1 } } } },
    { function(a, b) return ms.einsum("i,j->ij", a, b) end, { { 1, -3 }, { 4, 0.5, -3 } }, { { 4,
      0.5, -3 }, { -12, -1.5, 9 } } },
    { function(a, b) return ms.einsum("i,i", a, b) end, { { 3, -1.5, 0.5 }, { 1, -0.5, 2.5 } }, 5
      },
    { function(a, b) return ms.einsum("i,i->i", a, b) end, { { -0.5, -4, -3 }, { -0.5, 0.5, 2 } },
      { 0.25, -2, -6 } },
    { function(a, b) return ms.einsum("bi,bi->b", a, b) end, { { { 2.5, 2, 1 }, { 1.5, -5, 1 } },
      { { -2, -0.5, -0.5 }, { -5.5, 1, -0.5 } } }, { -6.5, -13.75 } },
    { function(a, b) return ms.einsum("bi,bj->bij", a, b) end, { { { 1, 1 }, { 2.5, -3 } }, { {
      0.5, -0.5, -4 }, { -0.5, -1, 1.5 } } }, { { { 0.5, -0.5, -4 }, { 0.5, -0.5, -4 } }, { {
      -1.25, -2.5, 3.75 }, { 1.5, 3, -4.5 } } } },
    { function(a) return ms.einsum("ii", a) end, { { { -3, -0.5, 2.5 }, { 0, -1.5, -3 }, { -1.5,
      -1.5, -2 } } }, -6.5 },
    { function(a) return ms.einsum("ii->i", a) end, { { { 0, -3.5, -0.5 }, { 2.5, 2.5, 2.5 }, {
      -0.5, 1, -1 } } }, { 0, 2.5, -1 } },
    { function(a) return ms.einsum("iij->ij", a) end, { { { { 0, -1.5 }, { 1, -2 } }, { { -0.5, 1
      }, { 3.5, 5.5 } } } }, { { 0, -1.5 }, { 3.5, 5.5 } } },
    { function(a) return ms.einsum("ij->ji", a) end, { { { 1, 1, -3 }, { -1, -4, 0 } } }, { { 1,
      -1 }, { 1, -4 }, { -3, 0 } } },
    { function(a) return ms.einsum("ij->j", a) end, { { { -0.5, 1, -0.5 }, { 0.5, -2, -2.5 } } },
      { 0, -1, -3 } },
    { function(a) return ms.einsum("ij->", a) end, { { { -4, 0.5, -0.5 }, { 0.5, -1.5, -3.5 } } },
      -8.5 },
    { function(a, b) return ms.einsum("...ij,...jk->...ik", a, b) end, { { { { { -2, 0.5 }, { 2.5,
      5.5 } } }, { { { 0, 0.5 }, { -0.5, 0.5 } } } }, { { { -6 }, { 0.5 } }, { { 0.5 }, { -3.5 } }
      } }, { { { { 12.25 }, { -12.25 } }, { { -2.75 }, { -18 } } }, { { { 0.25 }, { 3.25 } }, { {
      -1.75 }, { -2 } } } } },
    { function(a) return ms.einsum("...i->...", a) end, { { { { 1, -2.5 }, { 3, 1.5 } }, { { -1,
      -1 }, { 1, -2.5 } } } }, { { -1.5, 4.5 }, { -2, -1.5 } } },
    { function(a, b) return ms.einsum("i...,i...->...", a, b) end, { { { 1, 1.5, 2 }, { -1.5, 3.5,
      0.5 } }, { { 1, 0.5, 1.5 }, { -4, 0.5, 0.5 } } }, { 7, 2.5, 3.25 } },
    { function(a) return ms.einsum("ba", a) end, { { { -2, 1.5, -3 }, { -3.5, -0.5, 0.5 } } }, { {
      -2, -3.5 }, { 1.5, -0.5 }, { -3, 0.5 } } },
    { function(a, b, c) return ms.einsum("ab,bc,cd->ad", a, b, c) end, { { { 0, -2.5, -4.5 }, { 0,
      -0.5, 1.5 } }, { { -0.5, -2 }, { -0.5, -2 }, { -3, 3 } }, { { 0, -5 }, { 1, 0 } } }, { {
      -8.5, -73.75 }, { 5.5, 21.25 } } },
    { function(a, b, c) return ms.einsum("a,b,c->abc", a, b, c) end, { { -1.5, 1.5 }, { -3 }, { 3,
      -1 } }, { { { 13.5, -4.5 } }, { { -13.5, 4.5 } } } },
    { function(a, b) return ms.einsum("ij,ij->ij", a, b) end, { { { 0, -2, 1 } }, { { -1, 1, -2.5
      }, { 0.5, 0.5, 0.5 } } }, { { 0, -2, -2.5 }, { 0, -1, 0.5 } } },
    { function(a, b) return ms.einsum("bhqd,bhkd->bhqk", a, b) end, { { { { { -1.5, -4, -1 }, { 2,
      0.5, 1 } }, { { 0.5, 5, 3.5 }, { -2, 2, 1 } } } }, { { { { 1, -0.5, 4 }, { -1, 1.5, 0 } }, {
      { -2.5, 2, 0.5 }, { -2.5, 1, -0.5 } } } } }, { { { { -3.5, -4.5 }, { 5.75, -1.25 } }, { {
      10.5, 2 }, { 9.5, 6.5 } } } } },
    { function(a, b, c, d, e) return ms.einsum("ijk,ilm,njm,nlk,abc->", a, b, c, d, e) end, { { {
      { -1, -0.5 } }, { { -4.5, 1 } } }, { { { -1 }, { -3.5 } }, { { -3 }, { 1 } } }, { { { -2 }
      }, { { 4.5 } } }, { { { 0, 0.5 }, { 3.5, 5 } }, { { -0.5, 1 }, { -1, 2.5 } } }, { { { 0 }, {
      2 } } } }, -52.875 },
    wrong = {
      { function() return ms.einsum("ij,jk", ms.ones(2, 2)) end, "names 2 operands, got 1" },
      { function() return ms.einsum("ij->iz", ms.ones(2, 2)) end, "no operand has the axis z" },
      { function() return ms.einsum("ij,ij", ms.ones(2, 2), ms.ones(2, 3)) end,
        "the axis j is 3 long in operand 2, but 2" },
      { function() return ms.einsum("i.j", ms.ones(2, 2)) end, "got \".j\"" },
      { function() return ms.einsum("ii->ii", ms.ones(2, 2)) end, "has the axis i twice" },
      { function() return ms.einsum("ijk", ms.ones(2, 2)) end, "has 2 dimensions" },
      { function() return ms.einsum(ms.ones(2, 2)) end, "an equation such as" },
    },
  },
  tensordot = {
    { function(a, b) return a:tensordot(b, 2) end, { { { { 0.5, -0.5, -1.5 }, { 0.5, 0, -3 } }, {
      { 2, -1, 2 }, { -0.5, 1.5, 1 } } }, { { { -2, -3 }, { 4, -0.5 }, { -0.5, -1 } }, { { -0.5,
      0.5 }, { -2, -2.5 }, { -3.5, 2.5 } } } }, { { 8, -7 }, { -15.25, -9 } } },
    { function(a, b) return a:tensordot(b, 1) end, { { { -0.5, 1.5, -1 }, { 2, 1.5, 0.5 } }, { {
      -2, -3.5 }, { 0.5, -2.5 }, { -2, 1.5 } } }, { { 3.75, -3.5 }, { -4.25, -10 } } },
    { function(a, b) return a:tensordot(b, 0) end, { { 2, -2 }, { 3, 1.5 } }, { { 6, 3 }, { -6, -3
      } } },
    { function(a, b) return a:tensordot(b) end, { { { 2, 0.5, 3 }, { 0, 0, -1 } }, { { 0, -4, -1
      }, { -0.5, -4, 0.5 } } }, -5.5 },
    { function(a, b) return a:tensordot(b, { { 2, -1 }, { 1, 2 } }) end, { { { { -1.5, 0.5 }, { 0,
      2.5 }, { -2, -4 } }, { { -1.5, -3.5 }, { 1.5, -4 }, { -0.5, 3 } } }, { { 2.5, 2 }, { 3.5, -1
      }, { -1.5, 0.5 } } }, { -4.25, 0.75 } },
    wrong = {
      { function() return ms.ones(2, 2):tensordot(ms.ones(2), 2) end,
        "a count that both tensors have" },
      { function() return ms.ones(2):tensordot(ms.ones(3), { { 1 }, { 1 } }) end,
        "axis 1 of x has 2 places" },
      { function() return ms.ones(2):tensordot(ms.ones(2), { { 2 }, { 1 } }) end, "no axis 2" },
      { function() return ms.ones(2, 2):tensordot(ms.ones(2, 2), { { 1, 1 }, { 1, 2 } }) end,
        "named twice" },
    },
  },
  cdist = {
    { function(a, b) return a:cdist(b, 2) end, { { { -1, 0.5, 0 }, { -1, 1, -0.5 }, { 2, -0.5, -1
      } }, { { -2.5, -1.75, 0.5 }, { -1.25, 7.5, -2.75 } } }, { { 2.75, 7.52495847164621 }, {
      3.28823660949148, 6.8829499489681 }, { 4.90535421758715, 8.81050509335305 } } },
    { function(a, b) return a:cdist(b, 1) end, { { { 0.5, 0, -4.5 }, { 2, -0.5, 5.5 }, { -0.5,
      -1.5, 5.5 } }, { { 0, 1.75, -1 }, { 0.25, 3.5, -1.25 } } }, { { 5.75, 7 }, { 10.75, 12.5 },
      { 10.25, 12.5 } } },
    { function(a, b) return a:cdist(b, 3) end, { { { -0.5, -0.5, -3.5 }, { 1, 2, 1 }, { -0.5, 1.5,
      2 } }, { { 0.5, 0.75, 2.5 }, { -0.25, -1, 4.25 } } }, { { 6.02722007451431, 7.75078035846671
      }, { 1.76014515417837, 3.98496963443479 }, { 1.15651625229569, 3.00115696116367 } } },
    { function(a, b) return a:cdist(b, 1.5) end, { { { 0, -2, 1.5 }, { -1, -1, 2 }, { 1, -1.5,
      -2.5 } }, { { 3, -3.25, 0.5 }, { -2.75, 0, 1.25 } } }, { { 3.8633918830068, 3.83624105974333
      }, { 5.58875340343407, 2.50493256551068 }, { 4.74609207906186, 6.44470599403846 } } },
    { function(a, b) return a:cdist(b, math.huge) end, { { { -1, -0.5, 0 }, { -1.5, 0.5, -4.5 }, {
      -0.5, -1, 2.5 } }, { { 3.5, 1.75, -2 }, { 3.75, 0.5, 0.25 } } }, { { 4.5, 4.75 }, { 5, 5.25
      }, { 4.5, 4.25 } } },
    { function(a, b) return a:cdist(b, 0) end, { { { 0, -0.5, 1 }, { 1.5, -3, 1.5 }, { -1, -0.5,
      0.5 } }, { { 1, -3.25, -1.5 }, { -3.25, 2.5, 1.25 } } }, { { 3, 3 }, { 3, 3 }, { 3, 3 } },
      grad = false },
    { function(a, b) return a:cdist(b) end, { { { { 0, -3.5 } }, { { 2, 3 } } }, { { -1.4, 0.1 },
      { 0.1, 4.6 }, { -2.4, 3.6 } } }, { { { 3.86264158316559, 8.10061726043145, 7.49466476902069
      } }, { { 4.46878059430087, 2.48394846967484, 4.4407206622349 } } } },
    { function() return ms.zeros(2, 0):cdist(ms.zeros(3, 0)) end, { }, { { 0, 0, 0 }, { 0, 0, 0 }
      } },
    { function(a) return a:cdist(a) end, { { { 1, 2 } } }, { { 0 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):cdist(ms.ones(2, 2)) end, "(..., m, k) and y (..., n, k)"
        },
      { function() return ms.ones(2, 3):cdist(ms.ones(2, 3), -1) end, "p must be 0 or more" },
    },
  },
}
