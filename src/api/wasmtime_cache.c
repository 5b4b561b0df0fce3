// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime_config_cache_config_load: where compiled modules are kept. The file
// is a few lines of TOML, of which we know the section [cache] with `enabled`,
// `directory` and `files-total-size-soft-limit`; other keys of that section are
// for caches that work otherwise, and are passed over.
#include "api/api_int.h"

#include "base/alloc.h"
#include "engine/cache.h"
#include "os/file.h"

#include <wasmtime/config.h>

enum {
    FILE_SIZE_MAX = 1 << 16,
    DIR_SIZE_MAX = 4096,
};

typedef struct Settings {
    bool enabled, has_size;
    uint64_t size;
    char dir[DIR_SIZE_MAX];
} Settings;

// --- lines ---------------------------------------------------------------------

static Str trim(Str s) {
    while (s.len && strchr(" \t\r", s.data[0]))
        s = (Str){s.data + 1, s.len - 1};
    while (s.len && strchr(" \t\r", s.data[s.len - 1]))
        s.len--;
    return s;
}

// The text of a quoted value, which has no escapes.
static bool quoted(Str value, Str *out) {
    char quote = value.len ? value.data[0] : 0;
    if (value.len < 2 || (quote != '"' && quote != '\'') ||
        value.data[value.len - 1] != quote)
        return false;
    *out = (Str){value.data + 1, value.len - 2};
    return !memchr(out->data, quote, out->len) &&
           !memchr(out->data, '\\', out->len);
}

static bool set_dir(Settings *s, Str value) {
    Str text;
    // Relative to what would be anybody's guess.
    if (!quoted(value, &text) || !text.len || text.data[0] != '/' ||
        text.len >= sizeof s->dir)
        return false;
    memcpy(s->dir, text.data, text.len);
    s->dir[text.len] = 0;
    return true;
}

// A number of bytes, or a quoted one with K, Ki, M, Mi, G, Gi, T or Ti.
static bool set_size(Settings *s, Str value) {
    static const char units[] = "KMGT";
    Str text = value;
    uint64_t n = 0, unit = 1;
    if (value.len && !quoted(value, &text)) text = value;
    uint32_t i = 0;
    for (; i < text.len && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
        if (n > UINT64_MAX / 10 - 10) return false;
        n = n * 10 + (uint64_t)(text.data[i] - '0');
    }
    if (i == 0) return false;
    if (i < text.len) {
        const char *at = strchr(units, text.data[i]);
        bool is_binary = i + 2 == text.len && text.data[i + 1] == 'i';
        if (!at || !*at || (!is_binary && i + 1 != text.len)) return false;
        for (ptrdiff_t k = at - units; k >= 0; k--)
            unit *= is_binary ? 1024 : 1000;
    }
    if (n > UINT64_MAX / unit) return false;
    s->size = n * unit;
    s->has_size = true;
    return true;
}

static bool set_line(Settings *s, Str line) {
    const char *equals = memchr(line.data, '=', line.len);
    if (!equals) return false;
    uint32_t at = (uint32_t)(equals - line.data);
    Str key = trim((Str){line.data, at});
    Str value = trim((Str){equals + 1, line.len - at - 1});
    if (str_eq(key, STR("directory"))) return set_dir(s, value);
    if (str_eq(key, STR("files-total-size-soft-limit")))
        return set_size(s, value);
    if (!str_eq(key, STR("enabled"))) return value.len != 0;
    s->enabled = str_eq(value, STR("true"));
    return s->enabled || str_eq(value, STR("false"));
}

// The number of the first line that is wrong; 0: none.
static unsigned parse(Settings *s, Str text) {
    bool is_inside = false;
    for (unsigned number = 1; text.len; number++) {
        const char *end = memchr(text.data, '\n', text.len);
        uint32_t len = end ? (uint32_t)(end - text.data) : text.len;
        Str line = trim((Str){text.data, len});
        uint32_t step = end ? len + 1 : len;
        text = (Str){text.data + step, text.len - step};
        if (!line.len || line.data[0] == '#') continue;
        if (line.data[0] == '[') is_inside = str_eq(line, STR("[cache]"));
        if (line.data[0] == '[' ? !is_inside : !is_inside || !set_line(s, line))
            return number;
    }
    return 0;
}

// --- files ---------------------------------------------------------------------

static wasmtime_error_t *read_settings(const char *path, Settings *s) {
    int fd;
    size_t size = 0, done = 1;
    char *text = mem_alloc(FILE_SIZE_MAX);
    if (!text) return error_no_memory();
    OsError error = file_open_host(path, &fd);
    if (!error) {
        while (!error && done && size < FILE_SIZE_MAX) {
            FileBuf room = {text + size, FILE_SIZE_MAX - size};
            error = file_read(fd, &room, 1, &done);
            size += error ? 0 : done;
        }
        file_close(fd);
    }
    unsigned wrong = error ? 0 : parse(s, (Str){text, (uint32_t)size});
    mem_free(text);
    if (error)
        return error_of_text("cannot read %s: %s", path, os_error_text(error));
    if (wrong || size == FILE_SIZE_MAX)
        return error_of_text("%s: line %u is not understood", path, wrong);
    return NULL;
}

static wasmtime_error_t *apply(wasm_config_t *c, Settings *s) {
    mem_free(c->cache_dir);
    c->cache_dir = NULL;
    c->engine.cache_dir = NULL;
    if (!s->enabled) return NULL;
    if (!s->dir[0] && !cache_default_dir(s->dir, sizeof s->dir))
        return error_of_text("no directory for compiled modules: neither "
                             "XDG_CACHE_HOME nor HOME says one");
    size_t size = strlen(s->dir) + 1;
    c->cache_dir = mem_alloc(size);
    if (!c->cache_dir) return error_no_memory();
    memcpy(c->cache_dir, s->dir, size);
    c->engine.cache_dir = c->cache_dir;
    c->engine.cache_size = s->has_size ? s->size : 0;
    return NULL;
}

wasmtime_error_t *wasmtime_config_cache_config_load(wasm_config_t *c,
                                                    const char *path) {
    Settings *s = MEM_NEW(Settings);
    if (!s) return error_no_memory();
    s->enabled = true;
    wasmtime_error_t *e = path ? read_settings(path, s) : NULL;
    if (!e) e = apply(c, s);
    mem_free(s);
    return e;
}
