/*
 * completion.c - swapsim completion: a script for a shell.
 */
#include "cli/completion.h"

#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"

static const GOptionEntry options[] = { { 0 } };

const struct usage completion_usage = {
	.command = "completion",
	.arguments = "SHELL",
	.summary = "Prints a script that makes a shell complete command lines of swapsim: bash, zsh or fish.",
	.more = "Examples:\n"
		"  eval \"$(swapsim completion bash)\"\n"
		"  swapsim completion zsh > ~/.zfunc/_swapsim\n"
		"  swapsim completion fish > ~/.config/fish/completions/swapsim.fish",
	.options = options,
	.least = 1,
	.most = 1,
};

static const struct {
	const char *name;
	char *(*write)(void);
} shells[] = { { "bash", completion_bash }, { "zsh", completion_zsh }, { "fish", completion_fish } };

bool command_completion(int argc, char **argv, GError **error)
{
	if (!arguments_parse(&completion_usage, NULL, &argc, &argv, error))
		return false;
	for (u32 i = 0; i < ARRAY_SIZE(shells); i++) {
		char *text;
		bool good;

		if (strcmp(shells[i].name, argv[1]))
			continue;
		text = shells[i].write();
		good = print_result(text, error);
		g_free(text);
		return good;
	}
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "completion: %s: no such shell (bash, zsh or fish)",
		    argv[1]);
	return false;
}
