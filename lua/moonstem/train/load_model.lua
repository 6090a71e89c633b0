--- Models from the files that describe them.
local allowance = require "moonstem.net.allowance"
local checkpoint = require "moonstem.train.checkpoint"
local core_io = require "moonstem.core.io"
local metadata_of = require "moonstem.train.metadata"
local model_config = require "moonstem.train.model_config"
local options_of = require "moonstem.options"
local settings = require "moonstem.train.settings"

-- In a line, as the prompt shows it.
local About = { __tostring = function(about)
  local names = {}
  for name in pairs(about) do names[#names + 1] = name end
  table.sort(names)
  return ("checkpoint of step %s, loss %s: {%s}"):format(tostring(about.step or "?"),
    about.loss and ("%.5g"):format(about.loss) or "?", table.concat(names, ", "))
end }

-- What the file says about its model, its settings under their present names.
local function about_of(path, metadata)
  local about, why = {}, nil
  if metadata.about then about, why = metadata_of.table(path, metadata, "about") end
  if not about then return nil, why end
  if not about.model then
    return nil, path .. " does not say what model it belongs to; load its weights into a model "
      .. "of your own "
      .. "(ms.net.define makes those that say it)"
  end
  return metadata_of.attempt(path, "its settings cannot be", function()
    settings.current(about.settings)
    return setmetatable(about, About)
  end)
end

-- The model that the file describes, still without its weights, and what it says.
local function described(path, metadata, script)
  local about, why = about_of(path, metadata)
  if not about then return nil, why end
  local model
  model, why = model_config.build(about.model, script)
  if not model then return nil, path .. ": " .. why end
  return model, about
end

--- The model of a best.safetensors, weights and all, in evaluation mode; and what the file says
-- about itself ({ model =, step =, loss =, settings = }). nil and a sentence when it cannot be
-- read, or when layers were put in place of others after the model was made: then the sentence
-- tells what differs. A model of a definition in a script is built by that script, if it is as it
-- was; options: { define = FILE }, the script to take in its place.
return function(path, options)
  local o = options_of(options, "load_model", { define = options_of.string })
  local list, metadata = core_io.safetensors_info(path)
  if not list then return nil, metadata end
  local model, about = allowance.within(allowance.of(list), described, path, metadata, o.define)
  if not model then return nil, about end
  local fits, ok, why = pcall(checkpoint.load_weights, path, model)
  if not fits then
    return nil, ("%s: its weights are not of the model that it describes, parts of which were "
      .. "replaced (%s); make the model "
      .. "with these parts and read them by ms.train.load_weights(path, model)"):format(path,
        (tostring(ok):gsub("^[^\n]-%.lua:%d+: ", "")))
  end
  if not ok then return nil, why end
  return model:eval(), about
end
