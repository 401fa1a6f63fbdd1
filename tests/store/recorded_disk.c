/* Preloaded into a program, writes down what it does to the files below $RECORDED_ROOT, in order, to
 * $RECORDED_LOG: one record is op, offset, three lengths, path, second path, data. `recorded_disk.py` reads it.
 * Files are known by the name they had when it happened; what goes to a file without a name is left out. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

#define REAL(type, name, ...)                            \
    static type (*real)(__VA_ARGS__);                    \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int ours(const char *path) {
    const char *root = getenv("RECORDED_ROOT");
    return root && path && strncmp(path, root, strlen(root)) == 0;
}

/* The name of an open file into `path`; whether it is one of ours. */
static int named(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return ours(path) && !strstr(path, " (deleted)");
}

static void put(int log, const void *bytes, size_t count) {
    if (syscall(SYS_write, log, bytes, count) != (ssize_t)count) abort();
}

static void record(char op, const char *path, const char *second, uint64_t offset, const void *data,
                   uint64_t size) {
    static int log = -1;
    if (log < 0) {
        log = (int)syscall(SYS_openat, AT_FDCWD, getenv("RECORDED_LOG"),
                           O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
        if (log < 0) abort();
    }
    uint64_t head[5] = {(uint64_t)op, offset, strlen(path), second ? strlen(second) : 0, size};
    put(log, head, sizeof head);
    put(log, path, head[2]);
    if (second) put(log, second, head[3]);
    if (size) put(log, data, size);
}

static int opened(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
    pthread_mutex_lock(&turn);
    int there = syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
    int fd = real(path, flags, mode);
    char name[PATH_MAX];
    if (fd >= 0 && named(fd, name)) {
        if (!there && (flags & O_CREAT)) record('c', name, NULL, 0, NULL, 0);
        else if (there && (flags & O_TRUNC)) record('t', name, NULL, 0, NULL, 0);
    }
    pthread_mutex_unlock(&turn);
    return fd;
}

#define OPEN(name)                                                        \
    int name(const char *path, int flags, ...) {                          \
        REAL(int, #name, const char *, int, ...);                         \
        va_list more;                                                     \
        va_start(more, flags);                                            \
        mode_t mode = (flags & O_CREAT) ? (mode_t)va_arg(more, int) : 0;  \
        va_end(more);                                                     \
        return opened(real, path, flags, mode);                           \
    }
OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, "write", int, const void *, size_t);
    pthread_mutex_lock(&turn);
    char name[PATH_MAX];
    int mine = named(fd, name);
    off_t at = 0;
    if (mine) {
        int appends = fcntl(fd, F_GETFL) & O_APPEND;
        struct stat now;
        fstat(fd, &now);
        at = appends ? now.st_size : lseek(fd, 0, SEEK_CUR);
    }
    ssize_t done = real(fd, data, size);
    if (mine && done > 0) record('w', name, NULL, (uint64_t)at, data, (uint64_t)done);
    pthread_mutex_unlock(&turn);
    return done;
}

#define PWRITE(call, offset_t)                                                               \
    ssize_t call(int fd, const void *data, size_t size, offset_t at) {                       \
        REAL(ssize_t, #call, int, const void *, size_t, offset_t);                           \
        pthread_mutex_lock(&turn);                                                           \
        char name[PATH_MAX];                                                                 \
        ssize_t done = real(fd, data, size, at);                                             \
        if (done > 0 && named(fd, name)) record('w', name, NULL, (uint64_t)at, data, (uint64_t)done); \
        pthread_mutex_unlock(&turn);                                                         \
        return done;                                                                         \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(call, offset_t)                                                   \
    int call(int fd, offset_t size) {                                              \
        REAL(int, #call, int, offset_t);                                           \
        pthread_mutex_lock(&turn);                                                 \
        char name[PATH_MAX];                                                       \
        int done = real(fd, size);                                                 \
        if (!done && named(fd, name)) record('t', name, NULL, (uint64_t)size, NULL, 0); \
        pthread_mutex_unlock(&turn);                                               \
        return done;                                                               \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(call)                                                          \
    int call(int fd) {                                                      \
        REAL(int, #call, int);                                              \
        pthread_mutex_lock(&turn);                                          \
        char name[PATH_MAX];                                                \
        int done = real(fd);                                                \
        if (!done && named(fd, name)) record('s', name, NULL, 0, NULL, 0);  \
        pthread_mutex_unlock(&turn);                                        \
        return done;                                                        \
    }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    pthread_mutex_lock(&turn);
    int done = real(path);
    if (!done && ours(path)) record('u', path, NULL, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

#define TWO_NAMES(call, op)                                                \
    int call(const char *from, const char *to) {                           \
        REAL(int, #call, const char *, const char *);                      \
        pthread_mutex_lock(&turn);                                         \
        int done = real(from, to);                                         \
        if (!done && ours(to)) record(op, from, to, 0, NULL, 0);           \
        pthread_mutex_unlock(&turn);                                       \
        return done;                                                       \
    }
TWO_NAMES(rename, 'r')
TWO_NAMES(link, 'l')
