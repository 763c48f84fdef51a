// libmicrohttpd, and one-line wrappers for what Swift cannot call: variadic functions, and the few calls of Linux
// that the Glibc module lacks.
#pragma once

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

/// MHD_start_daemon with an array of options in place of variadic ones.
static inline struct MHD_Daemon *_Nullable shim_MHD_start(
    unsigned int flags, uint16_t port, MHD_AccessHandlerCallback _Nonnull handler, void *_Nullable context,
    const struct MHD_OptionItem *_Nonnull options) {
    return MHD_start_daemon(flags, port, NULL, NULL, handler, context, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/// The socket of a connection, -1 where there is none.
static inline int shim_MHD_socket(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/// What was put at a connection when it was opened, NULL where nothing was.
static inline void *_Nullable shim_MHD_socket_context(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/// The port the daemon listens on.
static inline uint16_t shim_MHD_port(struct MHD_Daemon *_Nonnull daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

/// Where the daemon's own messages go. A va_list cannot reach Swift, so the text is made here.
typedef void (*shim_log)(const char *_Nonnull message);

static inline void shim_log_format(void *_Nullable log, const char *_Nonnull format, va_list arguments) {
    char text[1024];
    vsnprintf(text, sizeof text, format, arguments);
    if (log) ((shim_log)log)(text);
}

static inline struct MHD_OptionItem shim_MHD_logger(shim_log _Nonnull log) {
    return (struct MHD_OptionItem){MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)&shim_log_format, (void *)log};
}

/// An option whose value is a pointer to a function.
static inline struct MHD_OptionItem shim_MHD_completed(MHD_RequestCompletedCallback _Nonnull callback) {
    return (struct MHD_OptionItem){MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)callback, NULL};
}

static inline struct MHD_OptionItem shim_MHD_connected(
    MHD_NotifyConnectionCallback _Nonnull callback, void *_Nullable context) {
    return (struct MHD_OptionItem){MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)callback, context};
}

/// Watches a socket for its peer's hanging up, once; `ticket` tells of it. A socket's number would not do: it may be
/// another connection's by the time one hears of it.
static inline int shim_epoll_watch(int epoll, int socket, uint64_t ticket) {
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT, .data.u64 = ticket};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

static inline int shim_epoll_forget(int epoll, int socket) { return epoll_ctl(epoll, EPOLL_CTL_DEL, socket, NULL); }

/// The ticket of the next socket whose peer has hung up; 0 after the timeout.
static inline uint64_t shim_epoll_next(int epoll, int milliseconds) {
    struct epoll_event event;
    return epoll_wait(epoll, &event, 1, milliseconds) == 1 ? event.data.u64 : 0;
}

static inline int shim_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
