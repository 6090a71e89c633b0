--- Cases of ms.optim: a small network after 20 steps, by PyTorch in double (Lion and LAMB, which it
-- lacks, by the formulas of their papers); clipping and averages.
local ms = require "moonstem"

local X = { { 1, -0.5, 0.25 }, { 0.3, 0.8, -1.1 }, { -0.7, 0.2, 0.9 }, { 0.05, -1.4, 0.6 } }
local Y = { { 0.2, -0.4 }, { 1, 0.3 }, { -0.6, 0.5 }, { 0.7, -1.2 } }
local W, B = { { 0.5, -1.25, 2 }, { 0.1, 0, -0.75 } }, { 0.3, -0.2 }

local function parameter(name, from)
  return { name = name, value = (from + 0):needs_grad() }
end

-- The loss of step i, from 0.
local function loss(w, b, i)
  local y = ms.tensor(X):matmul(w:permute { 2, 1 }) + b
  return (y:tanh() - ms.tensor(Y)):square():mean() * (1 + 0.1 * i)
end

local function train(opt, w, b, first, last)
  for i = first, last do
    opt:zero()
    loss(w, b, i):backward()
    opt:step()
  end
end

local function rows_of(kind)
  return function(options, w_after, b_after, near)
    return { function(w, b)
      local p, q = parameter("weight", w), parameter("bias", b)
      train(ms.optim[kind]({ p, q }, options), p.value, q.value, 0, 19)
      return p.value:detach(), q.value:detach()
    end, { W, B }, results = { w_after, b_after }, grad = false,
      near = near }
  end
end

local cases, row = {}

local function wrong(kind, options, message)
  return { function()
    return ms.optim[kind]({ parameter("w", ms.tensor(B)) }, options)
  end, message }
end

row = rows_of "adam"
cases["optim.adam"] = {
  row({ lr = 0.01, epsilon = 1e-8, weight_decay = 0.1 },
    { { 0.564983402356664, -1.05178691161836, 1.79304555760885 },
    { -0.10958102230881, 0.208539021283318, -0.540166593347751 } },
    { 0.0892400778850428, -0.0821375732507912 },
    { 3e-5, 1e-10 }), -- in floats Adam's v is 1.3e-5 of itself less (core/optim/adam.c)
  row({ lr = 0.05, betas = { 0.8, 0.9 }, eps = 1e-6, amsgrad = true },
    { { 1.32634291154093, -1.6609520550756, 1.11443038521424 },
    { -0.522997615242946, 0.856024833489144, 0.06779949549521 } },
    { -0.57906917461107, -0.0813584930070193 }),
  wrong = {
    wrong("adam", { lr = 1, betas = { 0.9 } },
      "adam: option betas must be a list of two numbers"),
    wrong("adam", { lr = 1, beta1 = 0.9, betas = { 0.9, 0.9 } },
      "adam: beta1 and betas are the same: give one"),
    wrong("adam", { lr = 1, groups = { { match = "none" } } },
      "adam: groups[1]: match fits the name of no parameter that is left"),
    wrong("adam", { lr = 1, groups = { 5 } }, "adam: groups[1] must be a table, got 5"),
    wrong("adam", { lr = 1, groups = { {} } },
      "adam: match must be a pattern of names or a list of patterns, got nil"),
    wrong("adam", { lr = 0, groups = { { match = "w", lr = 1 } } },
      "adam: groups[1]: its lr is kept as a multiple"),
    wrong("adam", { lr = 1, groups = { { match = "w", lrr = 1 } } },
      "adam: groups[1]: there is no option lrr; did you mean lr?"),
  } }

row = rows_of "adamw"
cases["optim.adamw"] = {
  row({ lr = 0.01 },
    { { 0.710438012399558, -1.30553498438183, 1.78466092381909 },
    { -0.109426829511493, 0.207540938904452, -0.537546827195833 } },
    { 0.0880073726990045, -0.134149317437408 }),
  row({ lr = 0.05, beta1 = 0.7, beta2 = 0.95, weight_decay = 0.2, amsgrad = true,
    maximize = true },
    { { -0.023115420134296, -2.02201928062101, 2.4096477688085 },
    { 1.06040553668423, -0.943171116548969, -1.00863398938302 } },
    { 0.991093061452092, 0.678419373629426 }),
  row({ lr = 0.01, groups = { { match = "bias", lr = 0.03, weight_decay = 0 } } },
    { { 0.70988466163073, -1.37301853659665, 1.78473220884728 },
    { -0.110575486559849, 0.209757242178689, -0.537771527449022 } },
    { -0.333774548203963, 0.0534127608556415 }),
  wrong = {
    wrong("adamw", { lr = 1, amsgrad = 1 },
      "adamw: option amsgrad must be true or false, got 1"),
  } }

row = rows_of "nadam"
cases["optim.nadam"] = {
  row({ lr = 0.02 },
    { { 0.978105101229713, -1.69032133939126, 1.53813211856422 },
    { -0.297542290220365, 0.401633510734256, -0.33630862804354 } },
    { -0.16508608927007, 0.0593026826279655 }),
  row({ lr = 0.02, weight_decay = 0.1, momentum_decay = 0.01, decoupled_weight_decay = true },
    { { 0.948409514633775, -1.62512155477948, 1.46833959792013 },
    { -0.293341175073222, 0.396452323944678, -0.317057785869489 } },
    { -0.167789640533779, 0.0491433201200748 }),
  wrong = {
    wrong("nadam", { lr = -1 },
      "nadam: lr must be a number, 0 or more, got -1"),
  } }

row = rows_of "radam"
cases["optim.radam"] = {
  row({ lr = 0.05 },
    { { 0.55797433248726, -1.24357488131508, 1.93102076078944 },
    { 0.0126095483011541, 0.0889335322537103, -0.671315410644953 } },
    { 0.230515064369707, -0.202530128191915 }),
  row({ lr = 0.05, beta1 = 0.8, beta2 = 0.99, weight_decay = 0.1 },
    { { 0.66000428413092, -1.08240388492846, 1.77283818985008 },
    { -0.104914203177543, 0.202534764586007, -0.538485777024294 } },
    { 0.104600965578517, -0.0482470432642188 }),
  wrong = {
    wrong("radam", { lr = 1, eps = "a" },
      "radam: option epsilon must be a number, got string"),
  } }

row = rows_of "sgd"
cases["optim.sgd"] = {
  row({ lr = 0.1 },
    { { 0.797395998534538, -1.28329052451503, 1.46821748297729 },
    { -0.352324217876464, 0.452707353421992, -0.221204789659192 } },
    { -0.275119617067513, -0.0153275039061056 }),
  row({ lr = 0.1, momentum = 0.9, nesterov = true, weight_decay = 0.01 },
    { { 0.898850195431448, -1.19284546749384, 0.133304274784441 },
    { -0.361179813867291, 1.22543659305867, 0.377732818336961 } },
    { -1.19724610898528, -0.0887309316165718 }),
  row({ lr = 0.1, momentum = 0.9, dampening = 0.3, maximize = true, weight_decay = 0.5 },
    { { -1.46674068785717, 0.850202220769721, 0.879236466777546 },
    { 0.908169460895304, -1.3159423657993, 0.223794572273802 } },
    { -1.08355097761621, -0.746375765203392 }),
  row({ lr = 0.1, momentum = 0.9,
    groups = { { match = { "nothing", "^b" }, lr = 0.02, momentum = 0.5 } } },
    { { 2.07513783722942, -0.545816819600166, -1.30277201427569 },
    { -0.681345969370142, 1.49523013595284, 0.269183404343598 } },
    { 0.265027093486468, -0.146018580957612 }),
  wrong = {
    wrong("sgd", { lr = 1, nesterov = true },
      "sgd: nesterov needs a momentum above 0 and no dampening"),
  } }

row = rows_of "rmsprop"
cases["optim.rmsprop"] = {
  row({ lr = 0.01 },
    { { 1.2256410581433, -1.57924217589934, 1.22004170454859 },
    { -0.419210130720495, 0.708301966669941, -0.0110371549698857 } },
    { -0.476733776799135, -0.0230534740093268 }),
  row({ lr = 0.01, alpha = 0.9, momentum = 0.5, centered = true, weight_decay = 0.05 },
    { { 1.22565394425341, -0.386611333032414, 1.06108798930802 },
    { -0.414883985146005, 0.714718017923522, 0.0125275758192482 } },
    { -0.535459539837379, -0.0265822428183765 }),
  wrong = {
    wrong("rmsprop", { lr = 1, alpha = 1 },
      "rmsprop: alpha must be 0..1 (below 1), got 1"),
  } }

row = rows_of "adagrad"
cases["optim.adagrad"] = {
  row({ lr = 0.1 },
    { { 1.22576681596255, -1.59630250839473, 1.22571968702683 },
    { -0.421888015450566, 0.700615498441432, -0.0186490198669029 } },
    { -0.471724423035625, -0.0217094117757639 }),
  row({ lr = 0.1, lr_decay = 0.02, weight_decay = 0.1,
    initial_accumulator_value = 0.3, eps = 1e-6 },
    { { 0.760295205491085, -0.968007064435194, 1.36703292032474 },
    { -0.330256194327797, 0.444940429535925, -0.23759509571797 } },
    { -0.254438177119177, 0.00834550179454972 }),
  wrong = {
    wrong("adagrad", { lr = 1, momentum = 1 },
      "adagrad: there is no option momentum"),
  } }

row = rows_of "lion"
cases["optim.lion"] = {
  row({ lr = 0.01, betas = { 0.9, 0.99 }, weight_decay = 0.0 },
    { { 0.7, -1.35, 1.8 },
    { -0.1, 0.2, -0.55 } },
    { 0.0999999999999999, -0.1 }),
  row({ lr = 0.02, betas = { 0.8, 0.95 }, weight_decay = 0.1 },
    { { 0.872865908249744, -1.47767630889088, 1.52901148431611 },
    { -0.296415334033938, 0.392490429736573, -0.328072788033185 } },
    { -0.10426514262867, 0.0845874212026873 }),
  wrong = {
    wrong("lion", { lr = 1, eps = 1 },
      "lion: there is no option eps"),
  } }

row = rows_of "lamb"
cases["optim.lamb"] = {
  row({ lr = 0.01, betas = { 0.9, 0.999 }, weight_decay = 0.0 },
    { { 0.704808770858608, -1.16098917598034, 1.79542552524031 },
    { -0.102392263953715, 0.200638920181237, -0.545628984534513 } },
    { 0.245092136853586, -0.192553209833302 }),
  row({ lr = 0.03, betas = { 0.8, 0.99 }, weight_decay = 0.1 },
    { { 1.00896794617866, -0.682502454214245, 1.37716679797614 },
    { -0.386348647260904, 0.478701157858678, -0.210931569385852 } },
    { 0.167130157990728, -0.126576802796477 }),
  wrong = {
    wrong("lamb", {},
      "lamb: the option lr is needed, 0 or more"),
  } }

-- ---- gradients -------------------------------------------------------------------------------
-- A tensor of W's shape and one of B's with these gradients.
local function graded(w, b)
  local p, q = parameter("w", ms.tensor(W)), parameter("b", ms.tensor(B));
  ((p.value * w):sum() + (q.value * b):sum()):backward()
  return { p, q }
end

local G, H = { { 3, -4, 0 }, { 12, 0.5, -1 } }, { -2, 0.25 }

local function clipped(clip, ...)
  local more = table.pack(...)
  return { function(g, h)
    local list = graded(g, h)
    local norm = clip(list, table.unpack(more, 1, more.n))
    return list[1].value.grad, list[2].value.grad, norm
  end, { G, H }, grad = false }
end

local function with(row_of, ...)
  row_of.results = { ... }
  return row_of
end

local norm = ms.optim.clip_grad_norm
cases["optim.clip_grad_norm"] = {
  with(clipped(norm, 1),
    { { 0.227225441546263, -0.302967255395017, 0 },
      { 0.908901766185051, 0.0378709069243771, -0.0757418138487542 } },
    { -0.151483627697508, 0.0189354534621886 }, 13.2027459265109),
  with(clipped(norm, 20), G, H, 13.2027459265109),
  with(clipped(norm, 5, { norm_type = math.huge }),
    { { 1.24999989583334, -1.66666652777779, 0 },
      { 4.99999958333337, 0.208333315972224, -0.416666631944447 } },
    { -0.833333263888895, 0.104166657986112 }, 12),
  with(clipped(norm, 5, { norm_type = 1 }),
    { { 0.659340630358654, -0.879120840478205, 0 },
      { 2.63736252143461, 0.109890105059776, -0.219780210119551 } },
    { -0.439560420239102, 0.0549450525298878 }, 22.75),
  wrong = {
    { function() norm(5, 1) end, "clip_grad_norm: a list of parameters is expected" },
    { function() norm({}, -1) end, "clip_grad_norm: the limit must be 0 or more, got -1" },
    { function() norm({}, 1, { norm_type = 0 }) end, "norm_type must be above 0, got 0" },
    { function()
      norm(graded(ms.tensor { 1 / 0, 1, 1 }, 1), 1, { error_if_nonfinite = true })
    end, "clip_grad_norm: the norm of the gradients is inf" },
  } }

cases["optim.clip_grad_value"] = {
  with(clipped(function(list, most)
    local opt = ms.optim.sgd(list, { lr = 1 }) -- in place of the list
    ms.optim.clip_grad_value(opt, most)
    return opt:norms().w
  end, 0.75), { { 0.75, -0.75, 0 }, { 0.75, 0.5, -0.75 } }, { -0.75, 0.25 }, 1.58113883008419),
  wrong = { { function() ms.optim.clip_grad_value({}, 0 / 0) end,
    "clip_grad_value: the limit must be 0 or more" } } }

-- PyTorch: AveragedModel with get_ema_multi_avg_fn(0.9), after five steps of SGD with lr 0.1.
cases["optim.ema"] = {
  { function(w, b)
    local list = { parameter("weight", w), parameter("bias", b) }
    local opt, ema = ms.optim.sgd(list, { lr = 0.1 }), ms.optim.ema(list, { decay = 0.9 })
    for i = 0, 4 do
      train(opt, list[1].value, list[2].value, i, i)
      ema:update()
    end
    ema:swap()
    return list[1].value:detach(), list[2].value:detach()
  end, { W, B }, results = {
    { { 0.507534484759504, -1.24982258545655, 1.98400688504297 },
      { 0.070280614240057, 0.0306539376800546, -0.726258641916567 } },
    { 0.283597995462124, -0.205175292558968 } }, grad = false },
  wrong = {
    { function() ms.optim.ema({}, { decay = 2 }) end, "ema: decay must be 0..1, got 2" },
    { function()
      local ema = ms.optim.ema(graded(1, 1))
      ema:swap()
      ema:update()
    end, "update: the parameters hold the averages now; call ema:swap() before" },
    { function() ms.optim.ema(graded(1, 1)):load {} end, "ema: the state has no w" },
  } }

return cases
