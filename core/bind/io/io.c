/* ms.io: pictures and bytes; arrays are in arrays.c, weights in weights.c, JSON in
   record_files.c. */
#include "../../base/error.h"
#include "../../io/base64.h"
#include "../../io/crc32c.h"
#include "../../io/png.h"
#include "../open.h"
#include "../options.h"
#include "../results.h"
#include "../scope.h"
#include "arrays.h"
#include "records.h"
#include "weights.h"

/* ---- pictures and bytes --------------------------------------------------------------------- */
static int push_block(lua_State *L, void **block, size_t bytes)
{
  if (!*block) return lms_raise(L);
  lua_pushlstring(L, *block, bytes);
  lms_release(block, free);
  return 1;
}

/** ms.io.png(pixels, width, height, channels) -> PNG bytes
    pixels: a string of 8-bit rows from the top; channels 1 (grey), 3 (RGB) or 4 (RGBA). */
static int png(lua_State *L)
{
  size_t have, bytes = 0;
  const char *pixels = luaL_checklstring(L, 1, &have);
  lua_Integer width = luaL_checkinteger(L, 2), height = luaL_checkinteger(L, 3);
  lua_Integer channels = luaL_checkinteger(L, 4);
  if (channels != 1 && channels != 3 && channels != 4)
    return luaL_error(L, "png: channels must be 1, 3 or 4");
  if (width < 1 || height < 1 || width > 1 << 16 || height > 1 << 16 ||
      (size_t)(width * height * channels) != have)
    return luaL_error(L, "png: %I x %I x %I pixels are not %I bytes", width, height, channels,
                      (lua_Integer)have);
  void **block = lms_block_handle(L);
  *block = ms_png_encode((const unsigned char *)pixels, (size_t)width, (size_t)height,
                         (int)channels, &bytes);
  return push_block(L, block, bytes);
}

/** ms.io.heat_png(x, {low=, high=, decibel=, columns=, palette=}) -> PNG bytes
    A picture of x (column, row): columns to the right, row 1 at the bottom. palette: 255 RGB
    triples as a string for low..high; numbers that are not finite become red. decibel: show
    20 log10 x. columns: the greatest width; wider pictures keep maxima. */
static int heat_png(lua_State *L)
{
  static const char *const known[] = { "low", "high", "decibel", "columns", "palette", NULL };
  ms_tensor *x = lms_tensor(L, 1);
  size_t bytes = 0;
  luaL_checktype(L, 2, LUA_TTABLE);
  lms_options(L, 2, "heat_png", known);
  ms_heat how = { lms_opt_number(L, 2, "low", 0), lms_opt_number(L, 2, "high", 1),
                  lms_opt_bool(L, 2, "decibel", 0), 0, NULL };
  lua_Integer columns = lms_opt_integer(L, 2, "columns", 4096);
  lua_getfield(L, 2, "palette");
  how.palette = (const unsigned char *)lua_tostring(L, -1);
  if (lua_rawlen(L, -1) != (size_t)3 * MS_HEAT_COLOURS || lua_type(L, -1) != LUA_TSTRING)
    return luaL_error(L, "heat_png: palette must be a string of %d bytes", MS_HEAT_COLOURS * 3);
  if (columns < 1 || !(how.high > how.low))
    return luaL_error(L, "heat_png: columns must be 1 or more and high above low");
  how.columns = (size_t)columns;
  void **block = lms_block_handle(L);
  *block = ms_png_heat(x, &how, &bytes);
  return push_block(L, block, bytes);
}

/** ms.io.base64(bytes) -> text
    As data: addresses in SVG and HTML want it; one line. */
static int base64(lua_State *L)
{
  size_t n;
  const unsigned char *from = (const unsigned char *)luaL_checklstring(L, 1, &n);
  luaL_Buffer buffer;
  ms_base64_encode(from, n, luaL_buffinitsize(L, &buffer, ms_base64_size(n)));
  luaL_pushresultsize(&buffer, ms_base64_size(n));
  return 1;
}

/** ms.io.crc32c(bytes) -> the CRC-32C of a string, a whole number below 2^32 */
static int crc32c(lua_State *L)
{
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  return lua_pushinteger(L, ms_crc32c(0, bytes, n)), 1;
}

/** ms.io.tfrecord(bytes) -> bytes
    A record as TFRecord files hold them one after another, TensorBoard's event files among them:
    the length, its checksum, the bytes, their checksum (CRC-32C, masked). */
static int tfrecord(lua_State *L)
{
  size_t n;
  luaL_Buffer b;
  const char *bytes = luaL_checklstring(L, 1, &n);
  const uint64_t length = n;
  const uint32_t sums[] = { ms_crc32c_masked(ms_crc32c(0, &length, sizeof length)),
                            ms_crc32c_masked(ms_crc32c(0, bytes, n)) };
  luaL_buffinit(L, &b);
  luaL_addlstring(&b, (const char *)&length, sizeof length);
  luaL_addlstring(&b, (const char *)&sums[0], sizeof sums[0]);
  luaL_addlstring(&b, bytes, n);
  luaL_addlstring(&b, (const char *)&sums[1], sizeof sums[1]);
  luaL_pushresult(&b);
  return 1;
}

static const lms_function functions[] = {
  { "list", lms_io_list, 1 },
  { "json_encode", lms_io_json_encode, 2 },
  { "json_decode", lms_io_json_decode, 1 },
  { "load_json", lms_io_load_json, 1 },
  { "save_json", lms_io_save_json, 3 },
  { "append_json_line", lms_io_append_json_line, 2 },
  { "load_json_lines", lms_io_load_json_lines, 1 },
  { "load_npy", lms_io_load_npy, 1 },
  { "save_npy", lms_io_save_npy, 2 },
  { "load_npz", lms_io_load_npz, 1 },
  { "save_npz", lms_io_save_npz, 3 },
  { "load_safetensors", lms_io_load_safetensors, 1 },
  { "save_safetensors", lms_io_save_safetensors, 3 },
  { "safetensors_info", lms_io_safetensors_info, 1 },
  { "load_tensorflow", lms_io_load_tensorflow, 1 },
  { "tensorflow_info", lms_io_tensorflow_info, 1 },
  { "png", png, 4 },
  { "heat_png", heat_png, 2 },
  { "base64", base64, 1 },
  { "tfrecord", tfrecord, 1 }, { "crc32c", crc32c, 1 },
  { NULL, NULL, 0 },
};

int lms_open_io(lua_State *L)
{
  lms_json_types(L);
  lms_weights_types(L);
  lms_arrays_types(L);
  lms_library(L, functions);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  return 1;
}
