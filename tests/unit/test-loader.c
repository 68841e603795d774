/* SPDX-License-Identifier: MIT */
/* ELF files and what their loader reads. Most of the files are made here, byte
 * by byte: no compiler would make some. */
#include "loader.h"

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "elfread.h"
#include "resolve.h"
#include "tap.h"
#include "util.h"

enum { BASE = 0x400000, ROUNDS = 20000 };

/* A whole executable, as it stands in its file. */
struct image {
	Elf64_Ehdr header;
	Elf64_Phdr load, interp, dynamic;
	Elf64_Dyn entries[4];
	char interpreter[PATH_MAX];
	char strings[4096];
};

#define PLACE(member) offsetof(struct image, member)

/* A dynamic program whose library folders are SEARCH, as TAG has them. */
static void make(struct image *image, const char *interpreter, int64_t tag,
		 const char *search)
{
	*image = (struct image){
		.header = {
			.e_ident = ELFMAG "\2\1\1",
			.e_type = ET_DYN,
			.e_machine = ES_ELF_MACHINE,
			.e_version = 1,
			.e_phoff = PLACE(load),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 3,
		},
		.load = {
			.p_type = PT_LOAD,
			.p_vaddr = BASE,
			.p_filesz = sizeof(*image),
		},
		.interp = {
			.p_type = PT_INTERP,
			.p_offset = PLACE(interpreter),
			.p_filesz = strlen(interpreter) + 1,
		},
		.dynamic = {
			.p_type = PT_DYNAMIC,
			.p_offset = PLACE(entries),
			.p_filesz = sizeof(image->entries),
		},
		.entries = {
			{ DT_STRTAB, { BASE + PLACE(strings) } },
			{ DT_STRSZ, { sizeof(image->strings) } },
			{ tag, { 1 } },
		},
	};
	strcpy(image->interpreter, interpreter);
	strcpy(image->strings + 1, search);
}

static void write_image(const struct image *image)
{
	write_bytes("program", image, sizeof(*image), 0755);
}

static struct result resolve_program(void)
{
	return resolve_argv((char *const[]){ "./program", NULL });
}

static void refused_image(const struct image *image, enum es_status status,
			  const char *said)
{
	write_image(image);
	refused("./program", status, said);
}

static void accepted_image(const struct image *image, bool dynamic,
			   const char *name)
{
	write_image(image);

	struct result result = resolve_program();

	if (!tap_int(result.status, ES_OK, "%s: accepted", name))
		tap_value("diagnostics:", result.text);
	tap_int(result.program.dynamic, dynamic, "%s: dynamic or not", name);
	if (!dynamic)
		tap_int((long long)result.program.nloaded, 0,
			"%s: nothing is loaded", name);
	finish(&result);
}

static void test_kinds(void)
{
	struct image image;
	struct image odd;

	write_file("ld.so", "x", 0755);
	write_file("ld-0644.so", "x", 0644);
	make(&image, "./ld.so", DT_RUNPATH, "lib");
	accepted_image(&image, true, "dynamic");
	odd = image;
	odd.interp.p_type = PT_NOTE;
	accepted_image(&odd, false, "static-pie");
	odd.dynamic.p_type = PT_NOTE;
	odd.header.e_type = ET_EXEC;
	accepted_image(&odd, false, "static");

	odd = image;
	odd.header.e_ident[EI_CLASS] = ELFCLASS32;
	refused_image(&odd, ES_UNSUPPORTED, "is a 32-bit program"); /* x32 */
	odd.header.e_machine = EM_386;
	refused_image(&odd, ES_UNSUPPORTED, "is a 32-bit program");
	odd.header.e_ident[EI_CLASS] = ELFCLASS64;
	refused_image(&odd, ES_UNSUPPORTED, "for another machine");
	odd.header.e_machine = EM_S390;
	refused_image(&odd, ES_UNSUPPORTED, "for another machine");
}

static void test_broken(void)
{
	static const char broken[] = "is an ELF file that this kernel can't";
	struct image image;
	struct image odd;

	make(&image, "./ld.so", DT_RUNPATH, "lib");
	odd = image;
	odd.header.e_ident[EI_CLASS] = 3;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	odd = image;
	odd.header.e_type = ET_REL;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	odd = image;
	odd.header.e_phnum = PN_XNUM;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	odd = image;
	odd.header.e_phnum = 0;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	odd = image;
	odd.header.e_phentsize = 32;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	odd = image;
	odd.header.e_phoff = UINT64_MAX - 100;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	write_bytes("program", &image, sizeof(image.header) - 1, 0755);
	refused("./program", ES_NOT_EXECUTABLE, broken);
	write_bytes("program", &image, 4, 0755);
	refused("./program", ES_NOT_EXECUTABLE, broken);
}

static void test_many_segments(void)
{
	static const char broken[] = "is an ELF file that this kernel can't";
	struct image odd;

	make(&odd, "./ld.so", DT_NULL, "");
	odd.header.e_phnum = 1170;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	if (truncate("program", 1 << 20))
		abort();

	struct result result = resolve_program();

	tap_int(result.status, ES_OK, "1170 segments: accepted");
	finish(&result);
	odd.header.e_phnum = 1171;
	write_image(&odd);
	if (truncate("program", 1 << 20))
		abort();
	refused("./program", ES_NOT_EXECUTABLE, broken);
}

static void test_interpreters(void)
{
	static const char broken[] = "is an ELF file that this kernel can't";
	struct image image;
	struct image odd;

	make(&image, "./ld.so", DT_RUNPATH, "lib");
	odd = image;
	odd.interp.p_filesz = 1;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	odd.interp.p_filesz = PATH_MAX + 1;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	odd.interp.p_filesz = 4; /* not its end */
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	odd = image;
	odd.interp.p_offset = UINT64_MAX;
	refused_image(&odd, ES_NOT_EXECUTABLE, broken);
	make(&odd, "./missing.so", DT_NULL, "");
	refused_image(&odd, ES_NOT_FOUND,
		      "its ELF interpreter './missing.so' does not exist");
	make(&odd, "./ld-0644.so", DT_NULL, "");
	refused_image(&odd, ES_NOT_EXECUTABLE, "may not be executed");
	make(&odd, ".", DT_NULL, "");
	refused_image(&odd, ES_NOT_EXECUTABLE, "is a folder");
}

static const struct es_needed *find(const struct es_needed *list, size_t n,
				    const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i].path, path))
			return &list[i];
	return NULL;
}

/* ./program has those paths of FULL in its list, and none of NONE; both end
 * with NULL. */
static void loads(const char *name, const char *const *full,
		  const char *const *none)
{
	struct result result = resolve_program();
	const struct es_needed *at = result.program.loaded;
	const size_t n = result.program.nloaded;

	tap_int(result.status, ES_OK, "%s: accepted", name);
	for (; *full; full++)
		tap_ok(find(at, n, *full), "%s: %s is listed", name, *full);
	for (; *none; none++)
		tap_ok(!find(at, n, *none), "%s: %s is not", name, *none);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++) {
			struct stat a;
			struct stat b;

			if (fstat(at[i].fd, &a) || fstat(at[j].fd, &b) ||
			    (a.st_ino == b.st_ino && a.st_dev == b.st_dev))
				tap_ok(false, "%s: %s is %s", name, at[i].path,
				       at[j].path);
		}
	finish(&result);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_search(void)
{
	const char *multiarch = "lib/" ES_ELF_ARCH "-linux-gnu";
	struct image image;
	char here[PATH_MAX];
	char in_lib[PATH_MAX];
	char in_lib64[PATH_MAX];
	char in_up[PATH_MAX];

	if (!realpath(".", here))
		abort();
	snprintf(in_lib, sizeof(in_lib), "%.2000s/%s", here, multiarch);
	snprintf(in_lib64, sizeof(in_lib64), "%.2000s/lib64", here);
	snprintf(in_up, sizeof(in_up), "%.2000s/a/../b", here);
	mkdir("a", 0755);
	mkdir("b", 0755);
	mkdir("c", 0755);
	mkdir("lib", 0755);
	mkdir("lib64", 0755);
	mkdir(in_lib, 0755);
	mkdir("a$PLATFORM", 0755);
	if (symlink("a", "link") || symlink("/", "to-root"))
		abort();
	write_file("file.so", "x", 0644);
	write_file("audit.so", "x", 0644);

	make(&image, "./ld.so", DT_RUNPATH, "a:missing:b;c:link:file.so");
	write_image(&image);
	loads("runpath", LIST("a", here), LIST("b", "c", "link", "missing",
					       "file.so", "b;c"));
	make(&image, "./ld.so", DT_RPATH, "c:");
	write_image(&image);
	loads("rpath, empty word", LIST("c", here), LIST("a", "."));
	make(&image, "./ld.so", DT_RPATH, "c");
	image.entries[3] = (Elf64_Dyn){ DT_RUNPATH, { 2 } };
	image.entries[2].d_un.d_val = 10;
	strcpy(image.strings, "x:a");
	strcpy(image.strings + 10, "b");
	write_image(&image);
	loads("rpath beside runpath", LIST("a"), LIST("b"));
	make(&image, "./ld.so", DT_RUNPATH, "/:to-root:a/../../../..:a");
	write_image(&image);
	loads("root", LIST("a"), LIST("/", "to-root", "a/../../../.."));
	make(&image, "./ld.so", DT_RUNPATH,
	     "$ORIGIN/a/../b:$ORIGIN/$LIB:a$PLATFORM:${ORIGIN}/${LIB:c");
	write_image(&image);
	loads("tokens", LIST(in_up, in_lib, in_lib64, "c"),
	      LIST("a", "a$PLATFORM"));
	make(&image, "./ld.so", DT_NULL, "");
	write_image(&image);
	loads("no folders", LIST(here), LIST("a", "b", "c"));
}

static void test_environment(void)
{
	struct image image;
	char here[PATH_MAX];
	char in_up[PATH_MAX];
	char word[PATH_MAX + 100];

	if (!realpath(".", here))
		abort();
	snprintf(in_up, sizeof(in_up), "%.2000s/a/../b", here);
	make(&image, "./ld.so", DT_NULL, "");
	write_image(&image);
	setenv("LD_LIBRARY_PATH", "a;${ORIGIN}/a/../b:", 1);
	setenv("LD_PRELOAD", "./file.so ld.so:missing.so", 1);
	setenv("LD_AUDIT", "./missing.so:./audit.so", 1);
	loads("environment", LIST("a", in_up, here, "./file.so", "./audit.so"),
	      LIST("ld.so", ".", "./missing.so"));
	memset(word, 'x', sizeof(word));
	strcpy(word + sizeof(word) - 3, ":a");
	setenv("LD_LIBRARY_PATH", word, 1);
	loads("a word longer than a path", LIST("a"), LIST(NULL));
	setenv("LD_LIBRARY_PATH", "", 1);
	setenv("LD_PRELOAD", "file.so:./a:/dev/null", 1);
	unsetenv("LD_AUDIT");
	loads("empty environment", LIST(here), LIST("file.so", "./a",
						    "/dev/null", "a"));
	unsetenv("LD_LIBRARY_PATH");
	unsetenv("LD_PRELOAD");
}

static void test_odd_dynamic(void)
{
	struct image image;
	struct image odd;

	make(&image, "./ld.so", DT_RUNPATH, "a");
	odd = image;
	odd.entries[0].d_un.d_val = 1;
	write_image(&odd);
	loads("string table outside", LIST("/etc/ld.so.cache"), LIST("a"));
	odd = image;
	strcpy(odd.strings, "x:xxa");
	odd.entries[1].d_un.d_val = 3;
	odd.entries[2].d_un.d_val = 4;
	write_image(&odd);
	loads("string outside its table", LIST("/etc/ld.so.cache"), LIST("a"));
	odd.entries[1].d_un.d_val = 5;
	write_image(&odd);
	loads("end outside its table", LIST("/etc/ld.so.cache"), LIST("a"));
	odd.entries[1].d_un.d_val = 6;
	write_image(&odd);
	loads("all in its table", LIST("/etc/ld.so.cache", "a"), LIST(NULL));
	odd = image;
	odd.entries[2].d_un.d_val = UINT64_MAX;
	odd.entries[1].d_un.d_val = UINT64_MAX;
	write_image(&odd);
	loads("string offset", LIST("/etc/ld.so.cache"), LIST("a"));
	odd = image;
	memset(odd.strings, 'a', sizeof(odd.strings));
	write_image(&odd);
	loads("string without end", LIST("/etc/ld.so.cache"), LIST("a"));
	odd = image;
	odd.dynamic.p_offset = UINT64_MAX - 8;
	odd.dynamic.p_filesz = UINT64_MAX;
	write_image(&odd);
	loads("dynamic section", LIST("/etc/ld.so.cache"), LIST("a"));
	odd = image;
	odd.load.p_offset = UINT64_MAX;
	write_image(&odd);
	loads("offset of a segment", LIST("/etc/ld.so.cache"), LIST("a"));
	/* The sum of both offsets would be that of the string. */
	odd.load.p_offset = UINT64_MAX - PLACE(strings);
	odd.load.p_filesz = UINT64_MAX;
	odd.entries[1].d_un.d_val = UINT64_MAX;
	odd.entries[2].d_un.d_val = PLACE(strings) + 2;
	write_image(&odd);
	loads("offset of a string", LIST("/etc/ld.so.cache"), LIST("a"));
}

static void test_musl(void)
{
	static const char config[] = "m/etc/ld-musl-" ES_ELF_ARCH ".path";
	const char *interpreter = "m/lib/ld-musl-" ES_ELF_ARCH ".so.1";
	char absolute[PATH_MAX];
	char config_absolute[PATH_MAX];
	char lib[PATH_MAX];
	struct image image;

	mkdir("m", 0755);
	mkdir("m/lib", 0755);
	mkdir("m/etc", 0755);
	write_file(interpreter, "x", 0755);
	snprintf(absolute, sizeof(absolute), "%s/%s", tmp, interpreter);
	snprintf(lib, sizeof(lib), "%s/m/lib", tmp);
	snprintf(config_absolute, sizeof(config_absolute), "%s/%s", tmp,
		 config);
	make(&image, absolute, DT_RUNPATH, "a");
	write_image(&image);
	setenv("LD_LIBRARY_PATH", "c::missing", 1);
	setenv("LD_PRELOAD", "file.so\t./file.so", 1);
	setenv("LD_AUDIT", "./audit.so", 1);
	loads("musl", LIST("a", "c", lib, "./file.so", "/usr/local/lib"),
	      LIST("/etc/ld.so.cache", config_absolute, ".", "./audit.so"));
	unsetenv("LD_AUDIT");
	unsetenv("LD_LIBRARY_PATH");
	unsetenv("LD_PRELOAD");
	write_file(config, "b\nmissing:c\n", 0644);
	loads("musl's path file", LIST("a", "b", "c", config_absolute),
	      LIST("/usr/local/lib", "/etc/ld.so.cache"));
}

static void compile(const char *compiler, const char *how, const char *name,
		    bool dynamic)
{
	if (access(compiler, X_OK)) {
		tap_ok(true, "%s # SKIP no %s", name, compiler);
		return;
	}
	write_file("main.c", "int main(void) { return 0; }\n", 0644);

	const pid_t pid = fork();
	int status = -1;

	if (!pid) {
		execl(compiler, compiler, how, "-o", "program", "main.c",
		      NULL);
		_exit(127);
	}
	unlink("program");
	waitpid(pid, &status, 0);
	tap_int(status, 0, "%s: compiled", name);

	struct result result = resolve_program();

	tap_int(result.status, ES_OK, "%s: accepted", name);
	tap_int(result.program.dynamic, dynamic, "%s: dynamic or not", name);
	tap_int((long long)result.program.nexecuted, dynamic ? 2 : 1,
		"%s: interpreter or not", name);
	finish(&result);
}

static void test_any(void)
{
	struct es_arena arena = { 0 };
	struct es_diags *diags = es_diags_new();
	struct es_needed *list = NULL;
	size_t n = 0;
	size_t executed = 0;

	tap_int(es_program_loader_files(&arena, diags, &list, &n), ES_OK,
		"files of any program");
	for (size_t i = 0; i < n; i++) {
		executed += list[i].executed;
		if (list[i].executed)
			tap_ok(strstr(list[i].path, "/ld-") != NULL,
			       "%s is an interpreter", list[i].path);
	}
	tap_int((long long)executed, !access(ES_ELF_GLIBC, F_OK) +
		!access(ES_ELF_MUSL, F_OK), "the interpreters that exist");
	if (!access("/etc/ld.so.cache", R_OK))
		tap_ok(find(list, n, "/etc/ld.so.cache") != NULL,
		       "the cache itself");

	const size_t before = n;

	tap_int(es_program_loader_files(&arena, diags, &list, &n), ES_OK,
		"a second time");
	tap_int((long long)n, (long long)before, "nothing stands twice");
	setenv("LD_LIBRARY_PATH", "a:$ORIGIN/b", 1);
	tap_int(es_program_loader_files(&arena, diags, &list, &n), ES_OK,
		"with a library path");
	tap_int((long long)n, (long long)before + 1,
		"one folder more: $ORIGIN is nowhere");
	unsetenv("LD_LIBRARY_PATH");
	es_needed_close(list, n);
	es_arena_finish(&arena);
	es_diags_free(diags);
}

static uint32_t next_random(uint32_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return *random;
}

/* Up to four bytes of SIZE at BYTES become others, mostly near the start. */
static void mutate(unsigned char *bytes, size_t size, uint32_t *random)
{
	static const unsigned char favourites[] = { 0, 1, 0x7f, 0x80, 0xff };

	for (unsigned many = 1 + next_random(random) % 4; many > 0; many--) {
		const size_t near = next_random(random) % 4 ? 400 : size;
		const size_t at = next_random(random) % near;
		const uint32_t value = next_random(random);

		bytes[at] = value % 2 ? favourites[value / 2 % 5] :
					(unsigned char)(value >> 8);
	}
}

static void test_mutations(const unsigned char *bytes, size_t size,
			   const char *name)
{
	es_autofree unsigned char *copy = malloc(size);
	es_autoclose int fd = open("program", O_WRONLY | O_CREAT | O_CLOEXEC,
				   0755);
	uint32_t random = 20000;
	unsigned count[ES_NOT_FOUND + 1] = { 0 };

	if (!copy || fd < 0 || ftruncate(fd, (off_t)size) ||
	    fchmod(fd, 0755))
		abort();
	for (int i = 0; i < ROUNDS; i++) {
		memcpy(copy, bytes, size);
		mutate(copy, size, &random);
		if (pwrite(fd, copy, size, 0) != (ssize_t)size)
			abort();

		struct result result = resolve_program();

		count[result.status]++;
		finish(&result);
	}
	tap_ok(count[ES_OK] && count[ES_NOT_EXECUTABLE] &&
	       count[ES_UNSUPPORTED] && count[ES_NOT_FOUND],
	       "%s, mutated: all answers were seen", name);
	tap_int(count[ES_OK] + count[ES_NOT_EXECUTABLE] +
		count[ES_UNSUPPORTED] + count[ES_NOT_FOUND], ROUNDS,
		"%s, mutated: no other answer", name);
}

static void test_fuzz(void)
{
	es_autofree unsigned char *bytes = malloc(1 << 20);
	es_autoclose int fd = open("/bin/true", O_RDONLY | O_CLOEXEC);
	const ssize_t size = read(fd, bytes, 1 << 20);
	struct image image;

	if (size < 4096)
		abort();
	test_mutations(bytes, (size_t)size, "/bin/true");
	make(&image, "./ld.so", DT_RUNPATH, "$ORIGIN/a:b:$LIB");
	test_mutations((const unsigned char *)&image, sizeof(image),
		       "a small program");
}

int main(void)
{
	unsetenv("LD_LIBRARY_PATH");
	unsetenv("LD_PRELOAD");
	unsetenv("LD_AUDIT");
	enter_tmp();

	const int before = open("/", O_PATH | O_CLOEXEC);

	close(before);
	test_kinds();
	test_broken();
	test_many_segments();
	test_interpreters();
	test_search();
	test_environment();
	test_odd_dynamic();
	test_musl();
	compile("/usr/bin/musl-gcc", "-static", "musl, static", false);
	compile("/usr/bin/musl-gcc", "-g", "musl, dynamic", true);
	compile("/usr/bin/gcc", "-static-pie", "glibc, static-pie", false);
	compile("/usr/bin/gcc", "-g", "glibc, dynamic", true);
	test_any();
	test_fuzz();

	const int after = open("/", O_PATH | O_CLOEXEC);

	tap_int(after, before, "all descriptors are closed");
	close(after);
	leave_tmp();
	return tap_done();
}
