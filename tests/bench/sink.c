/* An SMTP server that takes every mail and keeps none: one process, poll(), so never the limit.
   Usage: sink PORT. Answers each command line; DATA ends at CRLF.CRLF. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 64
#define ROOM 65536

struct client { int in_data; size_t used; char buffer[ROOM]; };
static struct client clients[CLIENTS];
static struct pollfd fds[CLIENTS + 1];

static void say(int fd, const char *words) { if (write(fd, words, strlen(words)) < 0) return; }

static int command(int fd, struct client *c, const char *line) {
    if (!strncasecmp(line, "DATA", 4)) { c->in_data = 1; say(fd, "354 go on\r\n"); }
    else if (!strncasecmp(line, "QUIT", 4)) { say(fd, "221 bye\r\n"); return 0; }
    else if (!strncasecmp(line, "EHLO", 4)) say(fd, "250-sink\r\n250-PIPELINING\r\n250 SIZE 35651584\r\n");
    else say(fd, "250 ok\r\n");
    return 1;
}

static int work(int fd, struct client *c) {
    for (;;) {
        if (c->in_data) {
            char *end = memmem(c->buffer, c->used, "\r\n.\r\n", 5);
            if (!end) {
                if (c->used > 4) { memmove(c->buffer, c->buffer + c->used - 4, 4); c->used = 4; }
                return 1;
            }
            c->in_data = 0;
            say(fd, "250 kept\r\n");
            size_t gone = end + 5 - c->buffer;
            memmove(c->buffer, c->buffer + gone, c->used -= gone);
        } else {
            char *end = memmem(c->buffer, c->used, "\r\n", 2);
            if (!end) return c->used < ROOM;
            *end = 0;
            if (!command(fd, c, c->buffer)) return 0;
            size_t gone = end + 2 - c->buffer;
            memmove(c->buffer, c->buffer + gone, c->used -= gone);
        }
    }
}

int main(int count, char **words) {
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(count > 1 ? atoi(words[1]) : 0)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 64)) return 1;
    for (int i = 0; i <= CLIENTS; i++) fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    fds[CLIENTS].fd = listener;
    for (;;) {
        poll(fds, CLIENTS + 1, -1);
        if (fds[CLIENTS].revents & POLLIN) {
            int fd = accept(listener, NULL, NULL), i = 0;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            while (i < CLIENTS && fds[i].fd >= 0) i++;
            if (i == CLIENTS) { close(fd); continue; }
            fds[i].fd = fd; clients[i].used = 0; clients[i].in_data = 0;
            say(fd, "220 sink\r\n");
        }
        for (int i = 0; i < CLIENTS; i++) {
            if (fds[i].fd < 0 || !(fds[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
            struct client *c = &clients[i];
            ssize_t got = read(fds[i].fd, c->buffer + c->used, ROOM - c->used);
            if (got <= 0 || (c->used += got, !work(fds[i].fd, c))) { close(fds[i].fd); fds[i].fd = -1; }
        }
    }
}
