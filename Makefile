# The README's commands. CMake is the build; this file only calls it.
#   make demo     install what is missing, build, convert the sample photos
#   make check    install what is missing, build, run every test
#   make build    the program at build/pixpool
#   make check-faults  every fault at every place; check has a sample
#   make check-oracles  filters, colours and metadata beside other programs, which are installed
#   make gallery  what each filter does to a photo, on one sheet
#   make bench    times beside other programs
#   make fuzz     inputs made up by libFuzzer, TIME=60 seconds for each program
#   make install  program, library, headers, pkg-config file and man pages below PREFIX

BUILD  ?= build
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc)
# All of a test's output goes into the JUnit file: its own counts stand at the end of it.
CTEST   = ctest --test-dir $(1) --parallel $(JOBS) --output-on-failure --no-tests=error \
          --test-output-size-passed 10000000 --test-output-size-failed 10000000

.PHONY: all build demo check check-release check-sanitize check-valgrind check-faults check-oracles bench bench-micro \
        bench-programs gallery fuzz install testdata packages clean

all: build

packages:
	@.ci/install-packages

# The file that CMake writes last: a configuration that failed is tried again.
$(BUILD)/Makefile $(BUILD)-sanitize/Makefile: | packages
	@cmake -S . -B $(@D) -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=$(PREFIX) \
	    -DCMAKE_RULE_MESSAGES=OFF -DCMAKE_TARGET_MESSAGES=OFF $(FLAGS) >/dev/null

build: $(BUILD)/Makefile
	@echo "building $(BUILD)/pixpool"
	@cmake --build $(BUILD) --parallel $(JOBS) -- --no-print-directory -s

demo: build
	@tests/demo.sh $(BUILD)/pixpool testdata/photos demo-output

# Everything twice: as it is shipped, and with the sanitizers watching.
check: check-release check-sanitize
	@tests/counts.py $(BUILD) $(BUILD)-sanitize

check-release: build
	@$(call CTEST,$(BUILD)) --output-junit $(CURDIR)/$(BUILD)/tests.xml

check-sanitize: FLAGS = -DPP_SANITIZE=ON
check-sanitize: $(BUILD)-sanitize/Makefile
	@echo "building $(BUILD)-sanitize/pixpool"
	@cmake --build $(BUILD)-sanitize --parallel $(JOBS) -- --no-print-directory -s
	@$(call CTEST,$(BUILD)-sanitize) -LE checks --output-junit $(CURDIR)/$(BUILD)-sanitize/tests.xml

# Not part of `check`: it takes long, and finds little that the sanitizers do not.
check-valgrind: build
	@tests/valgrind.sh $(BUILD)

# Every call that can fail at each of its places, thousands of kills, minutes of disks that break: of
# all this `check` has a sample. tests/faults/README.md lists what is tested.
check-faults: build
	@$(call CTEST,$(BUILD)) -C all -L faults-all

# ORACLES='tone geometry' runs these alone.
check-oracles: build
	@.ci/install-packages tests/oracle/packages
	@tests/oracle/run.py $(BUILD) $(ORACLES)

# What each filter does to a photo, on one sheet: build/gallery.png, and the README's small one.
gallery: build
	@.ci/install-packages tests/gallery/packages
	@tests/gallery/gallery.py $(BUILD)

# Readers, filters, writers and parsers over inputs that libFuzzer makes up, under the sanitizers.
TIME ?= 60
fuzz: packages
	@.ci/install-packages tests/fuzz/packages
	@tests/fuzz/run.py $(BUILD)-fuzz $(TIME)

# The prefix may be another than the one built for; it is written into the pkg-config file.
install: build
	@cmake -S . -B $(BUILD) -DCMAKE_INSTALL_PREFIX=$(PREFIX) >/dev/null
	@cmake --install $(BUILD)

# Beside other programs, which are installed as far as they can be had; see bench/README.md.
# BENCH takes options: make bench BENCH='--rounds 9 --corpus FOLDER'.
bench: bench-programs
	@bench/install-peers $(BUILD)/bench-peers
	@bench/compare.py $(BUILD) $(BENCH)

# The filters, the ring and the pool alone.
bench-micro: bench-programs
	@bench/compare.py $(BUILD) --part micro --results $(BUILD) $(BENCH)

bench-programs: build
	@cmake --build $(BUILD) --target bench_programs --parallel $(JOBS) -- --no-print-directory -s

# Make the images below testdata/ again.
testdata: build
	@cmake --build $(BUILD) --target make_testdata -- --no-print-directory -s
	@$(BUILD)/testdata/generator/make_testdata testdata

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-fuzz demo-output
