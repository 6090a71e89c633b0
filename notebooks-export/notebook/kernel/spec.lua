--- Where Jupyter finds the kernel: a folder with the file kernel.json.
local document = require "notebook.document"
local io_ = require "moonstem.core.io"
local sys = require "moonstem.core.sys"

local M = {}

local function user_folder()
  local data = os.getenv "JUPYTER_DATA_DIR"
  if data and data ~= "" then return data end
  local share = os.getenv "XDG_DATA_HOME"
  if share and share ~= "" then return share .. "/jupyter" end
  local home = os.getenv "HOME"
  if not home or home == "" then return nil end
  return home .. "/.local/share/jupyter"
end

-- Copies the pictures that front ends show beside the kernel's name.
local function copy_logos(folder)
  local here = package.searchpath("notebook.kernel.spec", package.path)
    :match "^(.*)notebook/kernel/spec%.lua$" .. "kernelspec/"
  for _, name in ipairs { "logo-32x32.png", "logo-64x64.png", "logo-svg.svg" } do
    local bytes, why = sys.read_file(here .. name)
    if bytes then bytes, why = sys.write_file(folder .. "/" .. name, bytes) end
    if not bytes then return nil, why end
  end
  return true
end

--- spec.install(program, prefix) -> the folder, or nil and a message
-- Below prefix/share/jupyter; without a prefix for this user alone.
function M.install(program, prefix)
  local base = prefix and prefix .. "/share/jupyter" or user_folder()
  if not base then return nil, "the variable HOME is not set: use --prefix" end
  local folder = base .. "/kernels/" .. document.KERNEL.name
  local ok, why = sys.mkdir(folder)
  if not ok then return nil, why end
  ok, why = io_.save_json(folder .. "/kernel.json", {
    argv = { program, "kernel", "run", "{connection_file}" },
    display_name = document.KERNEL.display_name, language = document.KERNEL.language,
    interrupt_mode = "message", metadata = { debugger = false },
  }, { indent = 2 })
  if ok then ok, why = copy_logos(folder) end
  if not ok then return nil, why end
  return folder
end

return M
