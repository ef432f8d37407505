//! Counts the announced and withdrawn elements of an MRT file: `routewatch-bench-bgpkit FILE`.
use bgpkit_parser::models::ElemType;
use bgpkit_parser::BgpkitParser;
use std::fs::File;
use std::io::BufReader;

fn main() {
    let path = std::env::args().nth(1).expect("name an MRT file");
    let file = File::open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (mut announced, mut withdrawn, mut hops) = (0u64, 0u64, 0u64);
    for element in BgpkitParser::from_reader(BufReader::with_capacity(1 << 20, file)) {
        match element.elem_type {
            ElemType::ANNOUNCE => announced += 1,
            ElemType::WITHDRAW => withdrawn += 1,
        }
        // Something of each element is used, so that nothing of it can be left undone.
        hops += element.as_path.map_or(0, |path| path.route_len() as u64);
    }
    println!("{announced} announced, {withdrawn} withdrawn, {hops} hops");
}
