#include "tests/unit/test_cli.h"

#define REST                                                                                                 \
	"\"cgroups\": [{\"name\": \"g\", \"memory.max\": \"50%\"}],\n"                                       \
	"\"tasks\": [{\"name\": \"t\", \"cgroup\": \"g\", \"workload\": {\"rand\": {\"size\": \"2MiB\", "    \
	"\"accesses\": 3000}}}]}\n"
#define MAIN(include) "{\"format\": 1, \"name\": \"main\", \"include\": " include ",\n" REST

static cJSON *effective(const char *folder, const char *arguments)
{
	char *line = g_strdup_printf("run --print-effective %s", arguments);
	cJSON *root = parsed(printed(folder, line));

	g_free(line);
	return root;
}

/* Objects are merged, all else is replaced: by what stands here, then by the later file. */
static void test_merging(void)
{
	char *folder = test_folder();
	cJSON *root;
	const cJSON *machine;

	write_file(folder, "a.json",
		   "{\"name\": \"a\", \"description\": \"of a\", \"machine\": {\"cpus\": 3, "
		   "\"hz\": 1000, \"memory\": \"1GiB\"},\n"
		   " \"swap\": [{\"device\": \"zram-lz4\", \"size\": \"16MiB\"}, {\"device\": "
		   "\"zram-lz4\", \"size\": \"32MiB\"}]}");
	write_file(folder, "b.json",
		   "{\"machine\": {\"cpus\": 5, \"memory\": \"2GiB\", \"seed\": 7},\n"
		   " \"swap\": [{\"device\": \"nvme-client\", \"size\": \"64MiB\"}]}");
	write_file(folder, "main.json",
		   "{\"format\": 1, \"name\": \"main\", \"include\": [\"a.json\", \"b\"],\n"
		   "\"machine\": {\"memory\": \"512MiB\"},\n" REST);
	root = effective(folder, "main.json --set machine.swappiness=1 --set swap[0].size=8MiB");
	machine = at(root, "machine");
	CU_ASSERT_STRING_EQUAL(text_at(root, "name"), "main");
	CU_ASSERT_PTR_NULL(at(root, "description"));
	CU_ASSERT_PTR_NULL(at(root, "include"));
	CU_ASSERT_EQUAL(at(machine, "cpus")->valueint, 5);
	CU_ASSERT_EQUAL(at(machine, "hz")->valueint, 1000);
	CU_ASSERT_EQUAL(at(machine, "seed")->valueint, 7);
	CU_ASSERT_EQUAL(at(machine, "swappiness")->valueint, 1);
	CU_ASSERT_STRING_EQUAL(text_at(machine, "memory"), "512MiB");
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(root, "swap")), 1);
	CU_ASSERT_STRING_EQUAL(text_at(cJSON_GetArrayItem(at(root, "swap"), 0), "device"), "nvme-client");
	CU_ASSERT_STRING_EQUAL(text_at(cJSON_GetArrayItem(at(root, "swap"), 0), "size"), "8MiB");
	cJSON_Delete(root);
	test_folder_free(folder);
}

/* Looked up beside the file that names it; two ways to one file are no circle. */
static void test_files_of_files(void)
{
	char *folder = test_folder(), *sub = g_build_filename(folder, "sub", NULL);
	cJSON *root;

	g_mkdir(sub, 0777);
	write_file(folder, "main.json", MAIN("[\"sub/a.json\", \"sub/b.json\"]"));
	write_file(sub, "a.json", "{\"include\": [\"c\"], \"machine\": {\"cpus\": 2}}");
	write_file(sub, "b.json", "{\"include\": [\"c.json\"], \"machine\": {\"hz\": 100}}");
	write_file(sub, "c.json", "{\"machine\": {\"cpus\": 9, \"seed\": 4, \"hz\": 300}}");
	root = effective(folder, "main.json");
	/* b is later than a, so its c goes before a. */
	CU_ASSERT_EQUAL(at(at(root, "machine"), "cpus")->valueint, 9);
	CU_ASSERT_EQUAL(at(at(root, "machine"), "hz")->valueint, 100);
	CU_ASSERT_EQUAL(at(at(root, "machine"), "seed")->valueint, 4);
	cJSON_Delete(root);
	g_free(sub);
	test_folder_free(folder);
}

static void test_errors(void)
{
	char *folder = test_folder();
	struct said said;

	write_file(folder, "main.json", MAIN("[\"phone\", \"phnoe\"]"));
	said = swapsim(folder, "run main.json");
	CU_ASSERT_EQUAL(said.status, 4);
	CU_ASSERT(g_str_has_prefix(
	    said.err, "swapsim: main.json:1:52: include[1]: there is no file \"phnoe\" (expected one "
		      "beside this file, or a preset: disk, laptop, phone, "));
	said_release(&said);
	write_file(folder, "main.json", MAIN("[\"a.json\"]"));
	write_file(folder, "a.json", "{\"machine\":\n  {\"cpus\": 0}}");
	CU_ASSERT(
	    refused(folder, "run main.json", 4,
		    "swapsim: a.json:2:12: machine.cpus: the number 0 is out of range (expected an integer, "
		    "1..1024)\n"));
	write_file(folder, "a.json", "{\"machin\": {}}");
	CU_ASSERT(refused(folder, "run main.json", 4,
			  "swapsim: a.json:1:2: machin: unknown key (did you mean \"machine\"?)\n"));
	write_file(folder, "a.json", "{\"machine\": }");
	CU_ASSERT(refused(folder, "validate main.json", 4,
			  "swapsim: a.json:1:13: unexpected '}' (expected a value)\n"));
	write_file(folder, "a.json", "[1]");
	CU_ASSERT(refused(folder, "run main.json", 4,
			  "swapsim: a.json:1:1: what is included is no object (expected one)\n"));
	write_file(folder, "a.json", "{\"include\": [\"b\"]}");
	write_file(folder, "b.json", "{\"include\": [\"phone\", \"./a.json\"]}");
	CU_ASSERT(refused(
	    folder, "run main.json", 4,
	    "swapsim: b.json:1:23: include[1]: goes round in a circle: main.json includes a.json includes "
	    "b.json includes ./a.json (expected an end)\n"));
	write_file(folder, "main.json", MAIN("\"phone\""));
	CU_ASSERT(refused(folder, "run main.json", 4,
			  "swapsim: main.json:1:42: include: is no list (expected [\"file\", ...])\n"));
	write_file(folder, "main.json", MAIN("[3]"));
	CU_ASSERT(
	    refused(folder, "run main.json", 4,
		    "swapsim: main.json:1:43: include[0]: is no string (expected the name of a file)\n"));
	test_folder_free(folder);
}

/* Each doubles the files of the next: a hundred levels would be more than there are atoms. */
static void test_many(void)
{
	char *folder = test_folder();
	struct said said;

	write_file(folder, "main.json", MAIN("[\"f0\"]"));
	for (u32 i = 0; i < 30; i++) {
		char *name = g_strdup_printf("f%u.json", i);
		char *text = g_strdup_printf("{\"include\": [\"f%u\", \"f%u\"]}", i + 1, i + 1);

		write_file(folder, name, i < 29 ? text : "{}");
		g_free(text);
		g_free(name);
	}
	said = swapsim(folder, "run main.json");
	CU_ASSERT_EQUAL(said.status, 4);
	CU_ASSERT(g_str_has_suffix(said.err, ": makes more than 100 files (expected fewer)\n"));
	said_release(&said);
	test_folder_free(folder);
}

/* All of them, and they run. */
static void test_presets(void)
{
	char *folder = test_folder();
	char *list = printed(folder, "list presets --format csv"), **row = g_strsplit(list, "\n", -1);

	CU_ASSERT(g_strv_length(row) > 5);
	for (u32 i = 1; row[i] && *row[i]; i++) {
		char *name = g_strndup(row[i], strcspn(row[i], ",")), *text;

		CU_ASSERT(strlen(row[i]) > strlen(name) + 10);
		text = g_strconcat("{\"format\": 1, \"name\": \"main\", \"include\": [\"", name,
				   "\"],\n" REST, NULL);
		write_file(folder, "main.json", text);
		done(folder, "run main.json");
		g_free(text);
		g_free(name);
	}
	g_strfreev(row);
	g_free(list);
	test_folder_free(folder);
}

/* Axes may come from a file, too, and sweep what another one has. */
static void test_sweep(void)
{
	char *folder = test_folder(), *text;
	struct said said;

	write_file(folder, "main.json", MAIN("[\"axes\", \"phone\"]"));
	write_file(folder, "axes.json",
		   "{\"sweep\": {\"machine.cpus\": [1, 2],\n \"swap[0].size\": [\"8MiB\", \"16MiB\"]}}");
	text = printed(folder, "sweep main.json -n --format csv");
	CU_ASSERT(g_str_has_suffix(text, "\n3,2,16MiB,to do,\n"));
	g_free(text);
	write_file(folder, "axes.json",
		   "{\"sweep\": {\"machine.cpus\": [1, 2],\n \"swap[0].size\": [\"8MiB\", \"big\"]}}");
	said = swapsim(folder, "sweep main.json");
	CU_ASSERT(g_str_has_prefix(
	    said.err, "swapsim: axes.json:2:27: sweep.\"swap[0].size\"[1]: the string \"big\" "));
	said_release(&said);
	test_folder_free(folder);
}

static void test_schema(void)
{
	char *folder = test_folder();
	char *schema = printed(folder, "schema"), *page = printed(folder, "schema --format markdown");
	char *file = file_text(SOURCE_DIR "/docs/schema", "scenario.schema.json");
	char *reference = file_text(SOURCE_DIR "/docs", "scenario-reference.md");

	CU_ASSERT_STRING_EQUAL(schema, file);
	CU_ASSERT(g_str_has_suffix(reference, page));
	CU_ASSERT(strlen(page) > 1000);
	CU_ASSERT(refused(folder, "schema --format csv", 2,
			  "swapsim: --format csv: not possible (json or markdown)\n"));
	g_free(reference);
	g_free(file);
	g_free(page);
	g_free(schema);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "objects are merged, what stands here and later wins", test_merging },
	{ "files include files, beside themselves, and twice if they like", test_files_of_files },
	{ "what is wrong is told where it stands", test_errors },
	{ "too many files are an error, not a day", test_many },
	{ "every preset runs", test_presets },
	{ "a sweep may come from a file", test_sweep },
	{ "the schema is the one of the documents", test_schema },
};
UNIT_MAIN("cli: include and schema", tests)
