--- Notebooks as Jupyter keeps them (nbformat 4.5): the one place that builds and writes them.
-- The same cells give the same bytes: the ids of cells are hashes of what is in them.
local digest = require "moonstem.sys.digest"
local io_ = require "moonstem.core.io"
local jupyter = require "moonstem.core.jupyter"
local sys = require "moonstem.core.sys"

local M = {}

--- What notebooks and the kernel say about the language.
M.LANGUAGE = { name = "lua", version = "5.4", file_extension = ".lua", mimetype = "text/x-lua",
  pygments_lexer = "lua", codemirror_mode = "lua" }

--- The name under which Jupyter knows our kernel, and the one that people read.
M.KERNEL = { name = "moonstem", display_name = "Moonstem (Lua 5.4)", language = "lua" }

-- A text as the list of its lines, which keep their ends: changes are then easy to read.
local function lines(text)
  local list = io_.list {}
  for line in jupyter.utf8(text):gmatch "[^\n]*\n?" do
    if line ~= "" then list[#list + 1] = line end
  end
  return list
end

-- ---- outputs ---------------------------------------------------------------------------------

local function is_text(kind) return kind:find "^text/" or kind == "image/svg+xml" end

-- How a page lays out the pictures of a bundle; nothing for what has none.
local function metadata_of(bundle)
  local about = { alt = bundle.alt, width = bundle.width, height = bundle.height }
  return bundle["image/png"] and next(about) and { ["image/png"] = about } or {}
end

--- document.bundle(bundle) -> data, metadata: what ms.display.bundle tells of a value as Jupyter's
-- messages have it, bytes in base64.
function M.bundle(bundle)
  local data = {}
  for kind, content in pairs(bundle) do
    if kind:find "/" then
      data[kind] = is_text(kind) and jupyter.utf8(content) or io_.base64(content)
    end
  end
  return data, metadata_of(bundle)
end

local function with_lines(bundle)
  local data, metadata = M.bundle(bundle)
  for kind, content in pairs(data) do if is_text(kind) then data[kind] = lines(content) end end
  return data, metadata
end

--- What was printed; name: "stdout" or "stderr".
function M.stream(name, text)
  return { output_type = "stream", name = name, text = lines(text) }
end

--- What was shown, as ms.display.bundle tells it.
function M.display(bundle)
  local data, metadata = with_lines(bundle)
  return { output_type = "display_data", data = data, metadata = metadata }
end

--- The value of a cell.
function M.result(bundle, count)
  local output = M.display(bundle)
  output.output_type, output.execution_count = "execute_result", count
  return output
end

--- An error: its kind, its message, the lines that tell where it came from.
function M.error(kind, message, traceback)
  local told = io_.list {}
  for i, line in ipairs(traceback) do told[i] = jupyter.utf8(line) end
  told[1] = told[1] and ("\27[31m%s\27[0m"):format(told[1]) -- red, as terminals are told
  return { output_type = "error", ename = kind, evalue = jupyter.utf8(message), traceback = told }
end

-- ---- cells -----------------------------------------------------------------------------------

--- A cell of text, in Markdown.
function M.markdown(text)
  return { cell_type = "markdown", metadata = {}, source = lines(text) }
end

--- A cell of code. count: which one it was to run, or nil; outputs: list of the above.
function M.code(text, count, outputs, name)
  return { cell_type = "code", metadata = { name = name }, source = lines(text),
    execution_count = count or io_.null, outputs = io_.list(outputs or {}) }
end

-- Gives each cell an id: a hash of its kind and text, and of how often they came before.
local function name_cells(cells)
  local seen = {}
  for _, cell in ipairs(cells) do
    local text = cell.cell_type .. "\n" .. table.concat(cell.source)
    seen[text] = (seen[text] or 0) + 1
    cell.id = digest(seen[text] > 1 and text .. "\n" .. seen[text] or text)
  end
end

--- document.encode(cells, about) -> the text of an .ipynb file. about: what else there is to tell,
-- as metadata.moonstem.
function M.encode(cells, about)
  name_cells(cells)
  about.format = 1
  return io_.json_encode({
    nbformat = 4, nbformat_minor = 5, cells = io_.list(cells),
    metadata = { kernelspec = M.KERNEL, language_info = M.LANGUAGE, moonstem = about },
  }, { indent = 1 }) .. "\n"
end

--- Writes a notebook. true, or nil and a message.
function M.save(path, cells, about)
  return sys.write_file(path, M.encode(cells, about))
end

-- ---- reading ---------------------------------------------------------------------------------

local function joined(text)
  return type(text) == "table" and table.concat(text) or text
end

--- document.cells(path) -> the cells of a notebook, as source.cells tells them; nil and a message.
function M.cells(path)
  local book, why = io_.load_json(path)
  if not book then return nil, path .. ": this is no notebook: " .. why end
  if type(book) ~= "table" or book.nbformat ~= 4 or type(book.cells) ~= "table" then
    return nil, path .. ": it is not a notebook of format 4"
  end
  local cells = {}
  for i, cell in ipairs(book.cells) do
    local text = joined(cell.source)
    if type(text) ~= "string" then return nil, ("%s: cell %d has no source"):format(path, i) end
    local name = type(cell.metadata) == "table" and cell.metadata.name or nil
    cells[i] = { kind = cell.cell_type == "code" and "code" or "markdown", text = text,
      name = type(name) == "string" and name or nil }
  end
  return cells
end

return M
