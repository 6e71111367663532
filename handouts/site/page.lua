-- page.lua — pandoc filter: pictures become part of the page, links to guides links to pages.

local pictures = ""

function Meta(meta)
  pictures = pandoc.utils.stringify(meta.pictures)
end

local function read(path)
  local file = assert(io.open(path, "r"), "there is no picture " .. path)
  local text = file:read("a")
  file:close()
  return text
end

-- A paragraph that is only a picture becomes a figure; its alternative text is the caption.
function Para(paragraph)
  local image = paragraph.content[1]
  if #paragraph.content ~= 1 or image.t ~= "Image" then return nil end
  local name = image.src:match("([^/]+%.svg)$")
  local picture = read(pictures .. "/" .. name)
  local blocks = {pandoc.RawBlock("html", '<figure><div class="picture">' .. picture .. "</div>")}
  if #image.caption > 0 then
    table.insert(blocks, pandoc.RawBlock("html", "<figcaption>"))
    table.insert(blocks, pandoc.Plain(image.caption))
    table.insert(blocks, pandoc.RawBlock("html", "</figcaption>"))
  end
  table.insert(blocks, pandoc.RawBlock("html", "</figure>"))
  return blocks
end

function Link(link)
  link.target = link.target:gsub("^([%w-]+)%.md", "%1.html")
  return link
end

-- In tables, long names may break behind dots, underscores, colons and slashes.
local function breakable(name)
  local text = name.text:gsub("[&<>]", {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;"}):gsub("([._/:]+)", "%1<wbr>")
  return pandoc.RawInline("html", "<code>" .. text .. "</code>")
end

-- Tables that are too wide even so scroll on narrow screens.
function Table(element)
  local open, close = '<div class="table">', "</div>"
  return {pandoc.RawBlock("html", open), element:walk({Code = breakable}), pandoc.RawBlock("html", close)}
end

return {{Meta = Meta}, {Para = Para, Link = Link, Table = Table}}
