# grading/lab/build.mk — what a lab's tests are written with.

$(eval $(call host-library,lab,$(wildcard grading/lab/*.cc)))
