--- Cases of ms.train.schedule: the rates of PyTorch's schedulers, step by step, in double.
local ms = require "moonstem"

local S = ms.train.schedule

local function rates(kind, options, expected, what)
  return { function()
    local schedule, list = S[kind](options), {}
    for step = 1, #expected do
      list[step] = schedule[what or "at"](schedule, step)
      local again = S.of(ms.io.json_decode(ms.io.json_encode(schedule))) -- as settings keep it
      assert(again[what or "at"](again, step) == list[step])
    end
    return ms.tensor(list)
  end, {}, expected }
end

local function plateau(options, values, expected)
  return { function()
    local schedule, list = S.plateau(options), {}
    for i, value in ipairs(values) do
      list[i] = schedule:observe(value)
      assert(list[i] == schedule:at())
      schedule = S.of(ms.io.json_decode(ms.io.json_encode(schedule)))
    end
    return ms.tensor(list)
  end, {}, expected }
end

local cases = {}

cases["schedule.constant"] = {
  rates("constant", { lr = 0.1 }, { 0.1, 0.1, 0.1 }),
  wrong = {
    { function()
      return S.of("cosine")
    end, "schedule: a number or a schedule is expected, got string" },
  },
}

cases["schedule.step"] = {
  rates("step", { lr = 0.1, step_size = 3, gamma = 0.5 }, { 0.1, 0.1, 0.1, 0.05, 0.05, 0.05,
    0.025, 0.025 }),
  rates("step", { lr = 0.1, milestones = { 2, 5 } }, { 0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001,
    0.001 }),
  wrong = {
    { function()
      return S.step { lr = 1 }
    end, "schedule.step: it needs step_size or milestones, one of the two" },
    { function()
      return S.step { lr = 1, step_size = 0 }
    end, "step_size must be a whole number, 1 or more, got 0" },
    { function()
      return S.step { lr = 1, step_sise = 3 }
    end, "schedule.step: there is no option step_sise; did you mean step_size?" },
  },
}

cases["schedule.exponential"] = {
  rates("exponential", { lr = 0.1, gamma = 0.9 }, { 0.1, 0.09, 0.081, 0.0729, 0.06561 }),
  wrong = {
    { function()
      return S.exponential { gamma = 1 }
    end, "schedule.exponential: the option lr is needed" },
  },
}

cases["schedule.cosine"] = {
  rates("cosine", { lr = 0.1, steps = 5, min_lr = 0.01 }, { 0.1, 0.0914057647468726,
    0.0689057647468726, 0.0410942352531274, 0.0185942352531274, 0.01, 0.0185942352531274,
    0.0410942352531274, 0.0689057647468727 }),
  rates("cosine", { lr = 0.1, steps = 2, min_lr = 0.01, restarts = 2 }, { 0.1, 0.055, 0.1,
    0.0868198051533946, 0.055, 0.0231801948466054, 0.1, 0.0965745789630079, 0.0868198051533946
    }),
  wrong = {
    { function()
      return S.cosine { lr = 1, steps = 3 }:at(0)
    end, "schedule: a step is a whole number, 1 or more, got 0" },
    { function()
      return S.cosine { lr = 1, T_max = 3 }
    end, "schedule.cosine: there is no option T_max" },
    { function()
      return S.cosine { lr = 1, steps = 3 }:momentum(1)
    end, "schedule: only one_cycle has a momentum" },
    { function()
      return S.cosine { lr = 1, steps = 3 }:observe(1)
    end, "schedule: only a plateau observes values" },
  },
}

cases["schedule.polynomial"] = {
  rates("polynomial", { lr = 0.1, steps = 5, power = 2 }, { 0.1, 0.064, 0.036, 0.016, 0.004, 0,
    0, 0 }),
  rates("polynomial", { lr = 0.1, steps = 4 }, { 0.1, 0.075, 0.05, 0.025, 0, 0 }),
}

cases["schedule.warm_up"] = {
  rates("warm_up", { lr = 0.1, steps = 4 }, { 0.0333333333333333, 0.05, 0.0666666666666667,
    0.0833333333333333, 0.1, 0.1, 0.1 }),
  rates("warm_up", { lr = 0.1, steps = 3, start_factor = 0.1, end_factor = 0.5 }, { 0.01,
    0.0233333333333333, 0.0366666666666667, 0.05, 0.05, 0.05 }),
}

cases["schedule.one_cycle"] = {
  rates("one_cycle", { lr = 0.1, steps = 10 }, { 0.004, 0.052, 0.1, 0.0950484632013474,
    0.0811745653949763, 0.0611262021936289, 0.0388741978063711, 0.0188258346050237,
    0.00495193679865263, 4e-07 }),
  rates("one_cycle", { lr = 0.1, steps = 10 }, { 0.95, 0.9, 0.85, 0.854951556604879,
    0.868825509907063, 0.888873953302184, 0.911126046697816, 0.931174490092937,
    0.945048443395121, 0.95 }, "momentum"),
  rates("one_cycle", { lr = 0.1, steps = 10, three_phase = true, anneal = "linear", div_factor =
    10, final_div_factor = 100, pct_start = 0.4 }, { 0.01, 0.04, 0.07, 0.1, 0.07, 0.04, 0.01,
    0.0067, 0.0034, 9.99999999999994e-05 }),
  rates("one_cycle", { lr = 0.1, steps = 10, three_phase = true, anneal = "linear", div_factor =
    10, final_div_factor = 100, pct_start = 0.4 }, { 0.95, 0.916666666666667, 0.883333333333333,
    0.85, 0.883333333333333, 0.916666666666667, 0.95, 0.95, 0.95, 0.95 }, "momentum"),
  wrong = {
    { function()
      return S.one_cycle { lr = 1, steps = 5 }:at(6)
    end, "schedule.one_cycle: it has 5 steps; there is no step 6" },
    { function()
      return S.one_cycle { lr = 1, steps = 5, anneal = "cosine" }
    end, "option anneal must be \"cos\" or \"linear\", got \"cosine\"" },
  },
}

cases["schedule.chain"] = {
  rates("chain", { S.warm_up { lr = 0.1, steps = 3 }, S.cosine { lr = 0.1, steps = 5 } }, {
    0.0333333333333333, 0.0555555555555556, 0.0777777777777778, 0.1, 0.0904508497187474,
    0.0654508497187474, 0.0345491502812526, 0.00954915028125263, 0 }),
  rates("chain", { 0.1, S.step { lr = 0.1, step_size = 2, gamma = 0.5 }, S.exponential { lr =
    0.1, gamma = 0.9 }, milestones = { 2, 6 } }, { 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.1, 0.09,
    0.081 }),
  wrong = {
    { function() return S.chain {} end, "schedule.chain: a list of schedules is expected" },
    { function()
      return S.chain { S.step { lr = 1, step_size = 2 }, 1 }
    end, "schedule.chain: part 1 has no steps of its own; give milestones" },
    { function()
      return S.chain { 1, 2, milestones = {} }
    end, "schedule.chain: 2 parts need 1 milestones, got 0" },
    { function()
      return S.chain { { kind = "cosin", lr = 1 } }
    end, "schedule.chain, part 1: there is no schedule cosin; did you mean cosine?" },
    { function()
      return S.chain { S.plateau { lr = 1 } }
    end, "schedule.chain: a plateau has no steps" },
  },
}

cases["schedule.plateau"] = {
  plateau({ lr = 0.1, patience = 2 }, { 1, 0.9, 0.91, 0.9, 0.8999, 0.95, 0.7, 0.71, 0.72, 0.73,
    0.74, 0.75, 0.76, 0.77, 0.78, 0.5 }, { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01,
    0.01, 0.01, 0.001, 0.001, 0.001, 0.001 }),
  plateau({ lr = 0.1, patience = 1, mode = "max", threshold_mode = "abs", threshold = 0.05,
    cooldown = 2, factor = 0.5, min_lr = 0.02 }, { -1, -0.9, -0.91, -0.9, -0.8999, -0.95, -0.7,
    -0.71, -0.72, -0.73, -0.74, -0.75, -0.76, -0.77, -0.78, -0.5 }, { 0.1, 0.1, 0.1, 0.05, 0.05,
    0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025, 0.02, 0.02, 0.02, 0.02 }),
  plateau({ lr = 1e-7, patience = 0, factor = 0.5 }, { 1, 1, 1, 1, 1, 1, 1, 1 }, { 1e-07, 5e-08,
    2.5e-08, 1.25e-08, 1.25e-08, 1.25e-08, 1.25e-08, 1.25e-08 }),
  wrong = {
    { function()
      return S.plateau { lr = 1, mode = "least" }
    end, "schedule.plateau: option mode must be \"min\" or \"max\", got \"least\"" },
  },
}

return cases
