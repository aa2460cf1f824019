# The README's commands. CMake is the build; this file only calls it.
#   make demo     install what is missing, build, convert the sample photos
#   make check    install what is missing, build, run every test
#   make build    the program at build/pixpool
#   make install  program, library, headers, pkg-config file and man page below PREFIX

BUILD  ?= build
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc)

.PHONY: all build demo check check-asan check-valgrind check-format install packages clean

all: build

packages:
	@.ci/install-packages

configure = cmake -S . -B $(1) -DCMAKE_INSTALL_PREFIX=$(PREFIX) $(2) >/dev/null

build: packages
	@$(call configure,$(BUILD),-DCMAKE_BUILD_TYPE=Release)
	@cmake --build $(BUILD) --parallel $(JOBS)
