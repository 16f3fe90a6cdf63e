/*
 * A stand-in for pyxis, for tests: a plugin that accepts pyxis's --container-* options in sbatch, srun and salloc, and so
 * in #SBATCH lines, and records them where a test can read them. IT STARTS NO CONTAINER: the job runs on the node's own
 * root file system, in --container-workdir if that directory is there. What needs a container's files is not covered.
 *
 * plugstack.conf: required DIR/lib/container_options.so [strict]
 *
 * As with pyxis the options of an sbatch reach the batch step too. With "strict" a job whose --container-image is an
 * absolute path that does not exist fails to start, as with an image that is missing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <slurm/spank.h>

SPANK_PLUGIN(container_options, 1);

struct opt { const char *name, *arginfo, *usage; int has_arg; char *value; };

static struct opt opts[] = {
	{ "container-image", "[USER@][REGISTRY#]IMAGE[:TAG]|PATH", "image to run in", 1, NULL },
	{ "container-mounts", "SRC:DST[:FLAGS][,SRC:DST...]", "bind mounts", 1, NULL },
	{ "container-workdir", "PATH", "working directory in the container", 1, NULL },
	{ "container-name", "NAME", "name of the container", 1, NULL },
	{ "container-save", "PATH", "save the container on exit", 1, NULL },
	{ "container-env", "NAME[,NAME...]", "variables to keep from the host", 1, NULL },
	{ "container-mount-home", NULL, "mount the home directory", 0, NULL },
	{ "no-container-mount-home", NULL, "do not mount the home directory", 0, NULL },
	{ "container-remap-root", NULL, "be root in the container", 0, NULL },
	{ "no-container-remap-root", NULL, "do not be root in the container", 0, NULL },
	{ "container-entrypoint", NULL, "run the entrypoint", 0, NULL },
	{ "no-container-entrypoint", NULL, "do not run the entrypoint", 0, NULL },
	{ "container-writable", NULL, "writable root file system", 0, NULL },
	{ "container-readonly", NULL, "read-only root file system", 0, NULL },
};
#define N_OPTS ((int)(sizeof(opts) / sizeof(opts[0])))
static int strict;

static int on_option(int val, const char *optarg, int remote)
{
	(void)remote;
	if (val < 0 || val >= N_OPTS)
		return -1;
	if (opts[val].has_arg && (!optarg || !*optarg)) {
		slurm_error("container-options: --%s: argument required", opts[val].name);
		return -1;
	}
	free(opts[val].value);
	opts[val].value = strdup(optarg ? optarg : "1");
	return 0;
}

int slurm_spank_init(spank_t sp, int ac, char **av)
{
	for (int i = 0; i < ac; i++)
		if (!strcmp(av[i], "strict"))
			strict = 1;

	for (int i = 0; i < N_OPTS; i++) {
		struct spank_option o = {
			.name = (char *)opts[i].name, .arginfo = (char *)opts[i].arginfo,
			.usage = (char *)opts[i].usage, .has_arg = opts[i].has_arg,
			.val = i, .cb = on_option,
		};
		/* Fails harmlessly in contexts that take no options (slurmd, job script). */
		spank_option_register(sp, &o);
	}
	return 0;
}

/* In slurmstepd, as the user, before the task starts: put what was asked for in the task's
 * environment as HLRP_TEST_CONTAINER_IMAGE and so on, and change to the working directory. */
int slurm_spank_user_init(spank_t sp, int ac, char **av)
{
	(void)ac, (void)av;
	for (int i = 0; i < N_OPTS; i++) {
		char key[64] = "HLRP_TEST_";
		size_t n = strlen(key);

		if (!opts[i].value)
			continue;
		for (const char *c = opts[i].name; *c && n < sizeof(key) - 1; c++)
			key[n++] = *c == '-' ? '_' : (*c >= 'a' && *c <= 'z') ? *c - 32 : *c;
		key[n] = '\0';
		spank_setenv(sp, key, opts[i].value, 1);
	}
	if (strict && opts[0].value && opts[0].value[0] == '/' && access(opts[0].value, R_OK)) {
		slurm_error("container-options: image %s: %m", opts[0].value);
		return -1;
	}
	return 0;
}

int slurm_spank_task_init(spank_t sp, int ac, char **av)
{
	(void)sp, (void)ac, (void)av;
	if (opts[2].value && chdir(opts[2].value))
		slurm_error("container-options: --container-workdir %s: %m", opts[2].value);
	return 0;
}
