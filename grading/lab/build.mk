# grading/lab/build.mk — what a lab's tests are written with.

$(eval $(call host-library,lab,grading/lab/trial.cc grading/lab/page_walk.cc))
