//! Encodes H.264 and puts it into an mp4 file, as little as is needed to test the reader.

use hlrp_train::data::Picture;
use openh264::encoder::{Encoder, EncoderConfig, IntraFramePeriod};
use openh264::formats::{RgbSliceU8, YUVBuffer};

/// Units a second.
const SCALE: u32 = 10_240;
/// Pictures to a key frame.
const GROUP: u32 = 4;

/// Returns an mp4 file with these pictures.
pub(crate) fn encode(pictures: &[Picture], fps: usize) -> Vec<u8> {
    let config = EncoderConfig::new()
        .intra_frame_period(IntraFramePeriod::from_num_frames(GROUP))
        .skip_frames(false);
    let mut encoder =
        Encoder::with_api_config(openh264::OpenH264API::from_source(), config).unwrap();
    let mut sets: Vec<Vec<u8>> = Vec::new();
    let mut samples: Vec<(Vec<u8>, bool)> = Vec::new();
    for picture in pictures {
        let source = RgbSliceU8::new(picture.pixels(), (picture.width(), picture.height()));
        let stream = encoder
            .encode(&YUVBuffer::from_rgb8_source(source))
            .unwrap()
            .to_vec();
        let (mut sample, mut is_key) = (Vec::new(), false);
        for unit in openh264::nal_units(&stream) {
            let unit = &unit[unit.iter().position(|&byte| byte == 1).unwrap() + 1..];
            match unit[0] & 0x1f {
                7 | 8 if sets.len() < 2 => sets.push(unit.to_vec()),
                7 | 8 => {}
                kind => {
                    is_key |= kind == 5;
                    sample.extend((unit.len() as u32).to_be_bytes());
                    sample.extend(unit);
                }
            }
        }
        samples.push((sample, is_key));
    }
    file(&sets, &samples, SCALE / fps as u32)
}

fn file(sets: &[Vec<u8>], samples: &[(Vec<u8>, bool)], duration: u32) -> Vec<u8> {
    let type_box = boxed(b"ftyp", &[b"isom\0\0\0\0isom".to_vec()]);
    // The index names places in the file, and has the same size wherever they are.
    let size = index(sets, samples, duration, 0).len();
    let start = type_box.len() + size + 8;
    let index = index(sets, samples, duration, start as u32);
    let samples = samples.iter().map(|(sample, _)| sample.clone());
    let data = boxed(b"mdat", &samples.collect::<Vec<_>>());
    [type_box, index, data].concat()
}

fn index(sets: &[Vec<u8>], samples: &[(Vec<u8>, bool)], duration: u32, start: u32) -> Vec<u8> {
    let count = samples.len() as u32;
    let keys = (1..).zip(samples).filter(|(_, (_, is_key))| *is_key);
    let keys: Vec<u32> = keys.map(|(number, _)| number).collect();
    let mut sizes = vec![0, 0, count];
    sizes.extend(samples.iter().map(|(sample, _)| sample.len() as u32));
    let table = boxed(
        b"stbl",
        &[
            boxed(b"stsd", &[words(&[0, 1]), description(sets)]),
            boxed(b"stts", &[words(&[0, 1, count, duration])]),
            boxed(b"stss", &[words(&[0, keys.len() as u32]), words(&keys)]),
            boxed(b"stsc", &[words(&[0, 1, 1, count, 1])]),
            boxed(b"stsz", &[words(&sizes)]),
            boxed(b"stco", &[words(&[0, 1, start])]),
        ],
    );
    let handler = boxed(
        b"hdlr",
        &[words(&[0, 0]), b"vide".to_vec(), words(&[0, 0, 0]), vec![0]],
    );
    let media = boxed(
        b"mdia",
        &[
            boxed(b"mdhd", &[words(&[0, 0, 0, SCALE, count * duration, 0])]),
            handler,
            boxed(b"minf", &[table]),
        ],
    );
    let header = boxed(b"mvhd", &[words(&[0, 0, 0, 1000, 0])]);
    boxed(b"moov", &[header, boxed(b"trak", &[media])])
}

fn description(sets: &[Vec<u8>]) -> Vec<u8> {
    let mut avcc = vec![1, 66, 0, 30, 0xff, 0xe1];
    for (number, set) in sets.iter().enumerate() {
        if number == 1 {
            avcc.push(1);
        }
        avcc.extend((set.len() as u16).to_be_bytes());
        avcc.extend(set);
    }
    boxed(b"avc1", &[vec![0; 78], boxed(b"avcC", &[avcc])])
}

fn boxed(name: &[u8; 4], parts: &[Vec<u8>]) -> Vec<u8> {
    let inner = parts.concat();
    let mut bytes = (inner.len() as u32 + 8).to_be_bytes().to_vec();
    bytes.extend(name);
    bytes.extend(inner);
    bytes
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}
