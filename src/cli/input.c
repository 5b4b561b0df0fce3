// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/input.h"

#include "base/alloc.h"
#include "binary/binary.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "engine/artifact.h"
#include "os/file.h"

#include <string.h>

// --- bytes -------------------------------------------------------------------------

enum {
    FIRST_READ = 1 << 16 // bytes, where the size is not known before
};

static bool failed(const Input *in, OsError error) {
    return report_error("cannot read %s: %s", in->name, os_error_text(error));
}

static bool grow(Input *in, size_t *cap, uint64_t size_max) {
    size_t more = (size_t)MIN(*cap * 2, size_max + 1);
    if (in->size > size_max)
        return report_error("%s is over the limit of %llu bytes "
                            "(-W max-module-size)",
                            in->name, (unsigned long long)size_max);
    uint8_t *data = mem_realloc(in->data, *cap, more);
    if (!data) return report_no_memory();
    in->data = data;
    *cap = more;
    return true;
}

// Until the end, whatever the size was said to be: files change, pipes and
// devices have none.
static bool read_all(Input *in, int fd, size_t cap, uint64_t size_max) {
    in->data = mem_alloc(cap);
    if (!in->data) return report_no_memory();
    for (;;) {
        FileBuf room = {in->data + in->size, cap - in->size};
        size_t done;
        if (room.size == 0) {
            if (!grow(in, &cap, size_max)) return false;
            continue;
        }
        OsError error = file_read(fd, &room, 1, &done);
        if (error) return failed(in, error);
        if (done == 0) return true;
        in->size += done;
    }
}

static size_t first_size(int fd, uint64_t size_max) {
    FileStat stat;
    if (file_stat(fd, &stat) || stat.type != FILE_regular) return FIRST_READ;
    return (size_t)MIN(MAX(stat.size, 16), size_max) + 1;
}

// A module's bytes start with a zero, and text has no such characters. Nothing
// at all is taken for a module that was cut off.
static bool looks_like_text(const Input *in) {
    size_t len = MIN(in->size, 1024);
    for (size_t i = 0; i < len; i++)
        if (in->data[i] < ' ' && !strchr("\t\n\r\f", in->data[i])) return false;
    return len != 0;
}

bool input_read(Input *in, const char *path, uint64_t size_max) {
    bool is_stdin = !strcmp(path, "-");
    *in = (Input){.path = path, .name = is_stdin ? "standard input" : path};
    int fd = 0;
    OsError error = is_stdin ? OS_ok : file_open_host(path, &fd);
    if (error) return failed(in, error);
    bool ok = read_all(in, fd, first_size(fd, size_max), size_max);
    if (!is_stdin) file_close(fd);
    if (!ok) input_release(in);
    in->is_text = ok && looks_like_text(in);
    return ok;
}

bool input_is_compiled(Input *in, const char *path, int *fd) {
    uint8_t start[16];
    FileBuf room = {start, sizeof start};
    FileStat stat;
    size_t done = 0;
    *in = (Input){.path = path, .name = path};
    if (!strcmp(path, "-") || file_open_host(path, fd)) return false;
    bool ok = !file_stat(*fd, &stat) && stat.type == FILE_regular &&
              !file_read_at(*fd, &room, 1, 0, &done) &&
              artifact_is(start, done);
    if (!ok) file_close(*fd);
    return ok;
}

void input_release(Input *in) {
    mem_free(in->data);
    in->data = NULL;
    in->size = 0;
}

// --- modules -----------------------------------------------------------------------

RtModule *input_load_read(Engine *e, Input *in) {
    // The module reads from the input, which outlives it.
    LoadOptions options = {.bytes = LOAD_borrow};
    Err err = {0};
    bool in_text = false;
    Progress p;
    progress_begin(&p, "loading", in->name);
    RtModule *m = in->is_text
                      ? module_load_text(e, (const char *)in->data, in->size,
                                         &err, &in_text)
                      : module_load(e, in->data, in->size, &options, &err);
    progress_end(&p);
    if (!m) (void)report_refused(e, in, &err, in_text);
    return m;
}

RtModule *input_load(Engine *e, Input *in, const char *path) {
    if (!input_read(in, path, e->config.limits.module_size)) return NULL;
    return input_load_read(e, in);
}
