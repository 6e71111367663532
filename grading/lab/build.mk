# grading/lab/build.mk — the library that a lab's tests are written with.

$(eval $(call host-library,lab,$(wildcard grading/lab/*.cc)))

ifneq ($(wildcard grading/lab/tests),)
$(eval $(call host-test,trial,$(wildcard grading/lab/tests/*.cc),$(B)/host/liblab.a $(B)/host/libmachine.a $(B)/host/libresult.a))
TEST_OBJECTS += $(B)/host/obj/liblab.o
$(B)/test/trial: | $(B)/kernel/sprat-test.elf
endif
