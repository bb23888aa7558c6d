#include "tests/unit/test_cli.h"

static const char *const commands[] = { "run",	    "compare",	  "sweep",  "merge",  "size",  "diff",
					"explain",  "explore",	  "plot",   "record", "trace", "list",
					"validate", "completion", "schema", "man",    "demo" };

/* The options that help names, with blanks around each. */
static char *options_of(const char *folder, const char *command)
{
	char *line = g_strdup_printf("%s --help", command);
	char *help = printed(folder, line);
	GString *options = g_string_new(" ");
	GMatchInfo *match;
	GRegex *regex = g_regex_new("^ +(?:-., )?--([a-z-]+)", G_REGEX_MULTILINE, 0, NULL);

	for (g_regex_match(regex, help, 0, &match); g_match_info_matches(match);
	     g_match_info_next(match, NULL)) {
		char *name = g_match_info_fetch(match, 1);

		g_string_append_printf(options, "--%s ", name);
		g_free(name);
	}
	g_match_info_free(match);
	g_regex_unref(regex);
	g_free(help);
	g_free(line);
	return g_string_free(options, FALSE);
}

/* The words that bash would offer for the last one. */
static char *offered(const char *folder, const char *words)
{
	char *here = g_get_current_dir();
	char *line =
	    g_strdup_printf("bash -c 'PATH=\"%s/..:$PATH\"; source <(swapsim completion bash); set -f; "
			    "COMP_WORDS=(swapsim %s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _swapsim; "
			    "echo \"${COMPREPLY[*]}\"'",
			    here, words);
	char **argv = NULL, *out = NULL;
	int status;

	CU_ASSERT_TRUE_FATAL(g_shell_parse_argv(line, NULL, &argv, NULL));
	CU_ASSERT_TRUE_FATAL(g_spawn_sync(folder, argv, NULL,
					  G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out,
					  NULL, &status, NULL));
	g_strfreev(argv);
	g_free(line);
	g_free(here);
	return g_strchomp(out);
}

static bool offers(const char *folder, const char *words, const char *expected)
{
	char *is = offered(folder, words);
	bool good = !strcmp(is, expected);

	if (!good)
		g_printerr("\nswapsim %s: %s\n", words, is);
	g_free(is);
	return good;
}

static void test_words(void)
{
	char *folder = test_folder();

	CU_ASSERT(offers(folder, "com", "compare completion"));
	CU_ASSERT(offers(folder, "help si", "size"));
	CU_ASSERT(offers(folder, "size --sl", "--slowdown"));
	CU_ASSERT(offers(folder, "run --kernel 6.1", "6.1 6.12 6.14 6.17 6.18"));
	CU_ASSERT(offers(folder, "run --kernel = 6.17", "6.17"));
	CU_ASSERT(offers(folder, "compare -k 6.18,6.17", "6.18,6.17"));
	CU_ASSERT(offers(folder, "run --format m", "markdown"));
	CU_ASSERT(offers(folder, "run demo --ties l", "lifo"));
	CU_ASSERT(offers(folder, "trace e", "export"));
	CU_ASSERT(offers(folder, "trace import --filter-", "--filter-k --filter-top"));
	CU_ASSERT(offers(folder, "trace info cc", "cc1"));
	CU_ASSERT(offers(folder, "run small", "small.json"));
	CU_ASSERT(offers(folder, "run swap-r", "swap-race"));
	CU_ASSERT(offers(folder, "plot thr", "thrashing"));
	CU_ASSERT(offers(folder, "list wor", "workloads"));
	CU_ASSERT(offers(folder, "completion z", "zsh"));
	test_folder_free(folder);
}

/* Every option of every command, in every shell and on its manual page. */
static void test_options(void)
{
	char *folder = test_folder();
	char *zsh = printed(folder, "completion zsh"), *fish = printed(folder, "completion fish");

	for (u32 i = 0; i < ARRAY_SIZE(commands); i++) {
		char *options = options_of(folder, commands[i]);
		char *line = g_strdup_printf("%s --", commands[i]), *bash = offered(folder, line);
		char *page_line = g_strdup_printf("man %s", commands[i]), *page = printed(folder, page_line);
		char **option = g_strsplit(options + 1, " ", -1);
		char *padded = g_strdup_printf(" %s ", bash);

		for (u32 k = 0; option[k] && *option[k]; k++) {
			char *word = g_strdup_printf(" %s ", option[k]);
			char *in_fish = g_strdup_printf("_from %s' -l %s ", commands[i], option[k] + 2);
			char **parts = g_strsplit(option[k], "-", -1);
			char *in_page = g_strjoinv("\\-", parts);
			bool help = !strcmp(option[k], "--help");

			CU_ASSERT_PTR_NOT_NULL(strstr(padded, word));
			CU_ASSERT_PTR_NOT_NULL(strstr(zsh, option[k]));
			CU_ASSERT(help || strstr(fish, in_fish));
			CU_ASSERT(help || strstr(page, in_page));
			g_strfreev(parts);
			g_free(in_page);
			g_free(in_fish);
			g_free(word);
		}
		g_strfreev(option);
		g_free(padded);
		g_free(page);
		g_free(page_line);
		g_free(bash);
		g_free(line);
		g_free(options);
	}
	g_free(fish);
	g_free(zsh);
	test_folder_free(folder);
}

static void test_pages(void)
{
	char *folder = test_folder(), *page, *main_page = printed(folder, "man");

	CU_ASSERT(g_str_has_prefix(main_page, ".TH \"SWAPSIM\" 1 "));
	done(folder, "man --output pages");
	for (u32 i = 0; i < ARRAY_SIZE(commands); i++) {
		char *file = g_strdup_printf("pages/swapsim-%s.1", commands[i]);
		char *line = g_strdup_printf("man %s", commands[i]);
		char *text = printed(folder, line), *reference = g_strdup_printf("\\-%s (1)\n", commands[i]);

		page = file_text(folder, file);
		CU_ASSERT_STRING_EQUAL(page, text);
		CU_ASSERT_PTR_NOT_NULL(strstr(main_page, reference));
		g_free(reference);
		g_free(page);
		g_free(text);
		g_free(line);
		g_free(file);
	}
	page = file_text(folder, "pages/swapsim.1");
	CU_ASSERT_STRING_EQUAL(page, main_page);
	g_free(page);
	g_free(main_page);
	CU_ASSERT(refused(folder, "man runn", 2,
			  "swapsim: man: runn: no such command (swapsim help lists them)\n"));
	CU_ASSERT(refused(folder, "completion ksh", 2,
			  "swapsim: completion: ksh: no such shell (bash, zsh or fish)\n"));
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "bash offers commands, options, and what their values may be", test_words },
	{ "no option is missing in a shell or on a page", test_options },
	{ "there is a page for every command", test_pages },
};
UNIT_MAIN("cli: completion and manual pages", tests)
