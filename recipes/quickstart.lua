--- The paper in small: pre-train a U-Net to separate vocals, hand it to a music tagger, see whether
-- the tagger gains. moonstem recipes/quickstart.lua [--scale smoke|small|paper] [--out DIR] [--seed
-- N] [--corpus real] [--data NAME=DIR] ... Stop it whenever you like (Ctrl-C): the same command
-- goes on from there, and finished stages are not run again.
local command_line = require "moonstem.sys.parser"
local ms = require "moonstem"
local here = arg[0]:match "^(.*)/[^/]*$" or "."
local scales = dofile(here .. "/scale.lua")

local parser = command_line.new("moonstem recipes/quickstart.lua",
  "The stages of the paper, one after the other.")
parser:option("--scale", "Sizes of networks and training, see recipes/scale.lua.", "quick")
  :choices { "smoke", "quick", "small", "paper" }
parser:option("--out", "Folder for corpora, runs and the report (runs/quickstart-SCALE).")
  :argname "DIR"
parser:option("--seed", "Everything random follows from it.", "1"):argname "N"
  :convert(command_line.whole(0))
parser:option("--precision", "Of products: f32, or bf16 where the processor has it.",
  "f32"):choices { "f32", "bf16" }
parser:flag("--tensorboard", "Write event files for TensorBoard into the runs' folders.")
parser:option("--corpus", "What is rendered where --data names nothing: stand-ins, or real, music "
  .. "from installed Debian packages, in which nobody sings: drums are separated then.",
  "stand-ins"):choices { "stand-ins", "real" }
parser:option("--data", "A real data set instead of a stand-in: musdb=DIR or mtat=DIR.")
  :argname "NAME=DIR":count "*"
local asked = command_line.parsed(parser, arg)

local data = {}
for _, pair in ipairs(asked.data) do
  local name, dir = pair:match "^(%a+)=(.+)$"
  if not name then parser:error("--data wants NAME=DIR, got " .. pair) end
  data[name] = dir
end
if asked.precision ~= "f32" then
  local able, why = ms.precision(asked.precision)
  if not able then parser:error("--" .. why) end
end

local real = asked.corpus == "real"
local source = real and not data.musdb and "drums" or "vocals"

-- The corpora: songs with stems, clips with tags.
local paper = ms.lab.paper {
  out = asked.out or "runs/quickstart-" .. asked.scale .. (real and "-real" or ""),
  corpus = asked.corpus,
  scale = scales[asked.scale], seed = asked.seed, data = data, tensorboard = asked.tensorboard,
}
paper:data "musdb"
paper:data "mtat"

-- Stage 1: a separator learns to take the vocals (or drums) out of mixtures.
local separator = paper:separator(source):finish()

-- Stage 2: the tail learns to tag, alone.
local tail = paper:tail():finish()

-- Stage 3: U-Net, adaptation and tail together, from a random and from the pre-trained U-Net.
local random = paper:joint({ tail = tail }):finish()
local joint = paper:joint({ tail = tail, separator = separator }):finish()

-- Table I, the CNN's rows of it; with the paper's numbers beside ours where these are of real data.
local rows = {
  { "tail alone", tail, roc_auc = 91.47, pr_auc = 46.50 },
  { "U-Net, random", random, roc_auc = 91.38, pr_auc = 46.32 },
  { "U-Net, " .. source, joint, roc_auc = 91.85, pr_auc = 47.16 },
}
local runs = { separator, tail, random, joint }
local table_one = ms.report.table_one(rows, paper.sets.mtat.synthetic)
print(ms.report.text(table_one))
for _, sentence in ipairs(ms.report.headlines(runs)) do print(sentence) end

-- The report: the table, learning curves, spectrograms, sound.
print("report: " .. ms.report.of_paper {
  paper = paper, notes = ms.lab.notes(paper.sets, runs), title = "Quickstart, scale "
  .. asked.scale, runs = runs, separator = separator,
  tables = { table_one },
})
