--- The style sheet of pages: light and dark, from telephones to wide screens. Charts keep their own
-- colours as attributes, which the sheet replaces where the page is dark.
local Paper = require "moonstem.figure.paper"

-- Colours of charts on a dark page, in the order of Paper.COLOURS.
local DARK = { "#4ea3e0", "#ff8c42", "#2fc39b", "#e79fc8", "#f0b63a", "#9fdcff", "#b4b4b4",
  "#d0a94a" }

-- Rules that put `to` in the place of a colour, for areas and lines.
local function replaced(from, to)
  return ('svg [fill="%s"]{fill:%s}svg [stroke="%s"]{stroke:%s}'):format(from, to, from, to)
end

local function of_charts()
  local rules = { 'svg>rect:first-child[fill="#ffffff"]{fill:transparent}',
    'svg text[stroke="#ffffff"]{stroke:var(--page)}', replaced(Paper.INK, "var(--ink)"),
    replaced(Paper.FAINT, "var(--faint)"), replaced(Paper.GRID, "var(--line)") }
  return table.concat(rules, "\n")
end

local function of_dark_charts()
  local rules = {}
  for i, colour in ipairs(Paper.COLOURS) do rules[i] = replaced(colour, DARK[i]) end
  return table.concat(rules, "\n")
end

local SHEET = [[
:root{color-scheme:light dark;--page:#ffffff;--ink:#1d2126;--faint:#59616b;--line:#dde1e6;
--box:#f5f7f9;--link:#0b5cad;--bar:#8fc1e8;--mark:#b3470b}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:66rem;padding:1rem 1rem 4rem;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:.5rem 0 1rem}
h2{font-size:1.3rem;margin:2.2rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.4rem 0 .4rem}
p,ul,figure,dl,.scroll,details{margin:.6rem 0}
ul{padding-left:1.3rem}
a{color:var(--link)}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;padding:0}
nav a{display:inline-block;padding:.2rem 0}
.scroll{overflow-x:auto;max-width:100%}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:.6rem}
.facts>div{background:var(--box);border:1px solid var(--line);border-radius:.5rem;
padding:.6rem .8rem}
dt,dd.note{font-size:.85rem;color:var(--faint)}
dd{margin:0;font-size:1.25rem;font-weight:600;font-variant-numeric:tabular-nums}
dd.note{font-weight:400}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
.caption{font-size:.9rem;color:var(--faint);margin-bottom:0;max-width:52rem}
.caption+.scroll{margin-top:.2rem}
th,td{padding:.35rem .7rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;
white-space:nowrap;overflow-wrap:normal}
th{font-weight:600}
thead th{vertical-align:bottom;white-space:normal}
th:first-child{text-align:left;position:sticky;left:0;background:var(--page);z-index:1}
tbody th{font-weight:400;white-space:normal;overflow-wrap:break-word;min-width:7rem;max-width:20rem}
.prose th,.prose td{text-align:left;white-space:normal}
.prose td{overflow-wrap:anywhere;min-width:11rem}
td.bar{--l:0;--h:0;--m:-1;min-width:9rem;padding-bottom:.85rem;background:
linear-gradient(to right,transparent calc(var(--m)*100% - 1px),
var(--mark) 0 calc(var(--m)*100% + 1px),transparent 0) 0 calc(100% + .65rem)/100% .65rem no-repeat,
linear-gradient(to right,transparent calc(var(--l)*100%),
var(--ink) 0 calc(var(--h)*100%),transparent 0)
0 calc(100% + .42rem)/100% 2px no-repeat,
linear-gradient(to right,var(--box) calc(var(--a)*100%),
var(--bar) 0 calc(var(--b)*100%),var(--box) 0)
0 calc(100% + .57rem)/100% .45rem no-repeat;background-origin:content-box}
td.shade[style="--s:0"]{color:var(--faint)}
td.shade{background:color-mix(in srgb,var(--bar) calc(var(--s)*100%),transparent)}
figure svg,figure img{display:block;max-width:100%;height:auto;min-width:min(34rem,100%)}
figcaption{font-size:.9rem;color:var(--faint)}
.sound{display:grid;gap:.2rem}
audio{width:100%;max-width:34rem}
details{border:1px solid var(--line);border-radius:.5rem;padding:.4rem .8rem}
figure details{border:0;padding:0;font-size:.92rem}
summary{cursor:pointer;padding:.2rem 0;color:var(--link)}
pre{background:var(--box);padding:.6rem;border-radius:.4rem;font-size:.85rem}
#tip{position:fixed;z-index:9;pointer-events:none;max-width:18rem;padding:.35rem .6rem;
border:1px solid var(--line);border-radius:.4rem;background:var(--page);color:var(--ink);
font-size:.85rem;white-space:pre-line;box-shadow:0 2px 8px rgba(0,0,0,.25)}
#tip:empty{display:none}
@media (max-width:600px){body{padding:.5rem .8rem 3rem}.facts{grid-template-columns:1fr 1fr}
table:not(.prose){width:max-content}thead th{max-width:10rem}
th,td{padding:.3rem .5rem}tbody th{min-width:6rem;max-width:36vw}figure svg{min-width:34rem}}
@media (prefers-color-scheme:dark){:root{--page:#15181c;--ink:#e8eaed;--faint:#a3acb6;
--line:#353b43;--box:#1d2126;--link:#7cbcff;--bar:#2f6797;--mark:#ffa764}
%DARK%
}
@media print{:root{color-scheme:light}.scroll{overflow:visible}audio,nav{display:none}}
%CHARTS%
]]

return (SHEET:gsub("%%(%u+)%%", { DARK = of_dark_charts(), CHARTS = of_charts() }))
