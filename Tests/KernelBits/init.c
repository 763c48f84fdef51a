// The only program of the machine that Scripts/check-avx512 emulates: runs kernel_bits and turns the machine off.

#include <stdio.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    const pid_t child = fork();
    if (child == 0) {
        execl("/kernel_bits", "kernel_bits", (char *)NULL);
        _exit(127);
    }
    int status = -1;
    waitpid(child, &status, 0);
    printf("kernel_bits ended with status %d\n", status);
    fflush(stdout);
    sleep(2);  // until the serial line has sent it
    reboot(RB_POWER_OFF);
    return 1;
}
