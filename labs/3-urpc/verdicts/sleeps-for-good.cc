//@ says Sleeps without an announcement.

//@ answer urpc.4e
//@ end
