--- ms.data.split and folds: every item once, shares, classes and groups as they should be.
local lu = require "luaunit"
local ms = require "moonstem"

local T = {}

local SHARES = { train = 0.8, valid = 0.1, test = 0.1 }

-- Raises unless the parts hold the numbers 1 to n once each, ascending in each part.
local function assert_whole(parts, n)
  local seen, count = {}, 0
  for _, list in pairs(parts) do
    for k, i in ipairs(list) do
      lu.assertNil(seen[i])
      lu.assertTrue(k == 1 or list[k - 1] < i)
      seen[i], count = true, count + 1
    end
  end
  lu.assertEquals(count, n)
end

function T.test_shares()
  local parts = ms.data.split(103)
  assert_whole(parts, 103)
  lu.assertEquals({ #parts.train, #parts.valid, #parts.test }, { 83, 10, 10 })
  lu.assertEquals(ms.data.split(103), parts)
  lu.assertNotEquals(ms.data.split(103, { seed = 2 }), parts)
  parts = ms.data.split({ "a", "b", "c", "d" }, { parts = { one = 0.5, other = 0.5 } })
  lu.assertEquals({ #parts.one, #parts.other }, { 2, 2 })
  lu.assertEquals(ms.data.split(1, { parts = { all = 1 } }), { all = { 1 } })
end

function T.test_classes_have_their_shares_to_within_one()
  for seed = 1, 5 do
    for _, classes in ipairs { 2, 7, 50 } do
      local labels, totals = {}, {}
      for i = 1, 300 do
        labels[i] = (i * i + i // 3) % classes
        totals[labels[i]] = (totals[labels[i]] or 0) + 1
      end
      local parts = ms.data.split(300, { stratify = labels, seed = seed })
      assert_whole(parts, 300)
      for name, list in pairs(parts) do
        local counts = {}
        for _, i in ipairs(list) do counts[labels[i]] = (counts[labels[i]] or 0) + 1 end
        for class, total in pairs(totals) do
          lu.assertTrue(math.abs((counts[class] or 0) - SHARES[name] * total) <= 1 + 1e-9)
        end
        lu.assertTrue(math.abs(#list - SHARES[name] * 300) <= 2)
      end
    end
  end
end

function T.test_tags_have_about_their_shares()
  local items, totals = {}, {}
  for i = 1, 400 do
    items[i] = { tags = { "a" .. i % 3, "b" .. i % 5, i % 11 == 0 and "all" or nil } }
    for _, tag in ipairs(items[i].tags) do totals[tag] = (totals[tag] or 0) + 1 end
  end
  for name, list in pairs(ms.data.split(items, { stratify = "tags" })) do
    local counts = {}
    for _, item in ipairs(list) do
      for _, tag in ipairs(item.tags) do counts[tag] = (counts[tag] or 0) + 1 end
    end
    for tag, total in pairs(totals) do
      lu.assertTrue(math.abs((counts[tag] or 0) - SHARES[name] * total) <= 3, tag)
    end
  end
end

function T.test_groups_stay_together()
  local function artist(i) return i % 40 == 0 and "many" or i // 7 end
  for _, stratify in ipairs { false, function(i) return i % 3 end } do
    local parts = ms.data.split(500, { group = artist, stratify = stratify })
    assert_whole(parts, 500)
    local home = {}
    for name, list in pairs(parts) do
      for _, i in ipairs(list) do
        lu.assertEquals(home[artist(i)] or name, name)
        home[artist(i)] = name
      end
      lu.assertTrue(math.abs(#list - SHARES[name] * 500) <= 14, name)
    end
  end
end

function T.test_folds()
  local items = {}
  for i = 1, 53 do items[i] = { i = i, class = i % 4 == 0 and "rare" or "usual" } end
  local folds = ms.data.folds(items, 5, { stratify = "class" })
  local tests = {}
  for k, fold in ipairs(folds) do
    tests[k] = {}
    local rare, inside = 0, {}
    for j, item in ipairs(fold.test) do
      tests[k][j], inside[item] = item.i, true
      rare = rare + (item.class == "rare" and 1 or 0)
    end
    for _, item in ipairs(fold.train) do lu.assertNil(inside[item]) end
    lu.assertEquals(#fold.train + #fold.test, 53)
    lu.assertTrue(rare == 2 or rare == 3)
    lu.assertTrue(#fold.test == 10 or #fold.test == 11)
  end
  assert_whole(tests, 53)
end

function T.test_wrong_calls()
  local function says(sentence, f, ...) lu.assertErrorMsgContains(sentence, f, ...) end
  local split, folds = ms.data.split, ms.data.folds
  says("split: items: items are a list, or how many there are, got nil", split)
  says("split: items: there are no items", split, {})
  says("split: 134217729 items are more than 134217728", split, (1 << 27) + 1)
  says("folds: 9007199254740992 items are more than 134217728", folds, 1 << 53, 1 << 53)
  says("must add up to 1, got 0.9", split, 5, { parts = { a = 0.4, b = 0.5 } })
  says("a share above 0, at most 1, got a = 0", split, 5, { parts = { a = 0, b = 1 } })
  says("there is no option groups; did you mean group?", split, 5, { groups = "a" })
  says("split: group: item 2 has none (there is no field a)", split, { { a = 1 }, {} },
    { group = "a" })
  says("stratify: 2 values are given for 5 items", split, 5, { stratify = { 1, 2 } })
  says("k must be a whole number, 2 or more, got 1", folds, 5, 1)
  says("folds: 6 folds are asked for, but there are 5 items", folds, 5, 6)
end

return T
