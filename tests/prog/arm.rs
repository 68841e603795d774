// Tries, in two threads, to open a file that only the first layer may give.
use std::fs::File;
use std::thread;

fn trial(who: &str) {
    match File::open("/proc/self/exe") {
        Ok(_) => println!("{who}: ok"),
        Err(error) => println!("{who}: {:?}", error.raw_os_error()),
    }
}

fn main() {
    trial("main");
    thread::spawn(|| trial("thread")).join().unwrap();
}
