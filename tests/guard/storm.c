/* Makes, renames and removes names under a storm of signals; a call that was interrupted is made again, as any
 * program would. Prints `ROUNDS ERRORS INTERRUPTED`. An error is a call that was performed twice, or never.
 *
 *     storm ROUNDS restart|interrupt
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static long errors, interrupted;
static volatile sig_atomic_t rung;

static void ring(int signal) { (void)signal; rung++; }

#define AGAIN(call)                                                       \
    do {                                                                  \
        int answer;                                                       \
        while ((answer = (call)) < 0 && errno == EINTR) interrupted++;    \
        if (answer < 0) {                                                 \
            errors++;                                                     \
            fprintf(stderr, "%s: %s\n", #call, strerror(errno));          \
        }                                                                 \
    } while (0)

int main(int count, char **words) {
    if (count != 3) return 2;
    int rounds = atoi(words[1]);
    struct sigaction action = {.sa_handler = ring};
    if (!strcmp(words[2], "restart")) action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    struct itimerval every = {{0, 300}, {0, 300}};
    setitimer(ITIMER_REAL, &every, NULL);
    for (int round = 0; round < rounds; round++) {
        int fd = open("made", O_WRONLY | O_CREAT | O_EXCL, 0644);
        if (fd < 0) errors++, perror("open");
        else close(fd);
        AGAIN(mkdir("directory", 0755));
        AGAIN(rename("made", "renamed"));
        AGAIN(unlink("renamed"));
        AGAIN(rmdir("directory"));
    }
    memset(&every, 0, sizeof every);
    setitimer(ITIMER_REAL, &every, NULL);
    printf("%d %ld %ld\n", rounds, errors, interrupted);
    return rung < 20;
}
