--- Documents as HTML: one page that needs no other file, no network and, to be read, no script.
local core_io = require "moonstem.core.io"
local readable = require "moonstem.report.document.readable"
local script = require "moonstem.report.document.html.script"
local style = require "moonstem.report.document.html.style"
local tables = require "moonstem.report.document.html.tables"
local escaped = require "moonstem.report.document.html.escaped"

-- Nothing may be loaded from elsewhere, whatever stands in the page.
local POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
  .. "img-src data:; media-src data:"

local function data_address(media, bytes)
  return ("data:%s;base64,%s"):format(media, core_io.base64(bytes))
end

-- ---- pictures --------------------------------------------------------------------------------
-- The words for a picture, escaped: what stands for it where it is not seen. Charts know their own.
local function alternative(block)
  local own = not block.alt and block.svg and block.svg:match '<svg [^>]*aria%-label="([^"]+)"'
  return own or escaped(block.alt or block.caption or block.name)
end

-- Names inside a picture are unique in the page: n tells pictures apart.
local function own_names(svg, n)
  return (svg:gsub(' id="', (' id="p%d-'):format(n)):gsub("url%(#", ("url(#p%d-"):format(n))
    :gsub('href="#', ('href="#p%d-'):format(n)))
end

local function inline_svg(block, n)
  local svg = own_names(block.svg:gsub("^%s*<%?xml.-%?>%s*", ""), n)
  local words = alternative(block)
  return (svg:gsub("^%s*<svg ([^>]*)", function(rest)
    rest = rest:gsub('%s*role="[^"]*"', ""):gsub('%s*aria%-label="[^"]*"', "")
    return ('<svg role="img" aria-label="%s" %s'):format(words, rest)
  end, 1))
end

local function inline(block, n)
  if block.svg then return inline_svg(block, n) end
  return ('<img alt="%s" src="%s">'):format(alternative(block),
    data_address("image/png", block.png))
end

local KEYS = ' data-chart aria-roledescription="chart: left and right keys step through values"'

-- Around a chart whose numbers the script shows: where the keys go.
local function frame(block, n)
  local keys = block.svg and block.svg:find " data%-[xt]" and KEYS or ""
  return ('<div class="scroll" tabindex="0" role="group" aria-label="%s"%s>%s</div>')
    :format(alternative(block), keys, inline(block, n))
end

local function picture(block, n)
  local numbers = block.numbers
  return ("<figure>%s<figcaption>%s</figcaption>%s</figure>"):format(frame(block, n),
    escaped(block.caption or ""),
    numbers and ("<details><summary>Numbers of this chart</summary>%s</details>")
      :format(tables(numbers, n)) or "")
end

-- ---- blocks ----------------------------------------------------------------------------------
local function items_of(list, form)
  local parts = {}
  for i, item in ipairs(list) do parts[i] = form(item) end
  return table.concat(parts, "\n")
end

local function fact(item)
  return ("<div><dt>%s</dt><dd>%s</dd>%s</div>"):format(escaped(item[1]), escaped(item[2]),
    item[3] and ('<dd class="note">%s</dd>'):format(escaped(item[3])) or "")
end

local function sound(b)
  local words = escaped(b.caption or b.name)
  return ('<figure class="sound"><figcaption>%s</figcaption>'
    .. '<audio controls preload="metadata" aria-label="%s" src="%s"></audio></figure>')
    :format(words, words, data_address(b.media, b.bytes))
end

local blocks_of

-- How a block of each kind looks; n counts the blocks of the page.
local KINDS = {
  heading = function(b, n)
    local level = b.level or 2
    return ('<h%d id="s%d">%s</h%d>'):format(level, n, escaped(b.text), level)
  end,
  paragraph = function(b) return "<p>" .. escaped(b.text) .. "</p>" end,
  code = function(b) return '<pre class="scroll" tabindex="0">' .. escaped(b.text) .. "</pre>" end,
  list = function(b)
    return "<ul>" .. items_of(b.items, function(item)
      return "<li>" .. escaped(item) .. "</li>"
    end) .. "</ul>"
  end,
  facts = function(b) return '<dl class="facts">' .. items_of(b.items, fact) .. "</dl>" end,
  table = tables,
  picture = picture,
  sound = sound,
  fold = function(b, _, count)
    return ("<details><summary>%s</summary>\n%s</details>"):format(escaped(b.title),
      blocks_of(b.inside.blocks, count))
  end,
}

-- The blocks in order; count() gives each a number of its own, and takes the headings for the list
-- of contents.
function blocks_of(blocks, count)
  local parts = {}
  for i, block in ipairs(blocks) do parts[i] = KINDS[block.kind](block, count(block), count) end
  return table.concat(parts, "\n")
end

-- ---- the page --------------------------------------------------------------------------------
local LEAST = 4 -- headings for which a list of contents is worth its room

local function contents(headings)
  if #headings < LEAST then return "" end
  return '<nav aria-label="Contents"><ul>' .. items_of(headings, function(h)
    return ('<li><a href="#s%d">%s</a></li>'):format(h.n, escaped(h.text))
  end) .. "</ul></nav>"
end

--- The page of a document.
return function(document)
  local n, headings = 0, {}
  local body = blocks_of(document.blocks, function(block)
    n = n + 1
    if block.kind == "heading" and (block.level or 2) == 2 then
      headings[#headings + 1] = { n = n, text = block.text }
    end
    return n
  end)
  local title = escaped((readable(document.title):gsub("%s+", " ")))
  return table.concat({ "<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    ('<meta http-equiv="Content-Security-Policy" content="%s">'):format(POLICY),
    '<link rel="icon" href="data:,">', ("<title>%s</title>"):format(title),
    ("<style>\n%s</style></head>"):format(style),
    ("<body><header><h1>%s</h1>%s</header><main>"):format(title, contents(headings)), body,
    ("</main>\n<script>\n%s</script>"):format(script), "</body></html>\n" }, "\n")
end
