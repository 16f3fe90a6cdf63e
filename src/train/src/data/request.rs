//! What a sample holds, and when, counted in frames from the sample's own.

/// What is asked of every sample.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Request {
    /// The cameras, by the name that the camera map gives them.
    pub cameras: Vec<CameraRequest>,
    /// Height and width that pictures are brought to; `None` leaves them as they are.
    pub image_size: Option<[usize; 2]>,
    /// The frames whose state is given; empty for none.
    pub state: Vec<i64>,
    /// The frames whose action is given; empty for none.
    pub action: Vec<i64>,
    /// Whether the flow of the sample's own frame is given.
    pub flow: bool,
    /// Whether frames beyond an episode's ends are given as its first or last, marked as padding. If not, samples that
    /// reach beyond are left out.
    pub pad: bool,
}

/// One camera of a sample.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CameraRequest {
    /// Its name in the camera map, e.g. `primary`.
    pub name: String,
    /// The frames, e.g. `[0, 5]`.
    pub frames: Vec<i64>,
}

impl Request {
    /// Returns how far samples reach: the smallest and the largest of all offsets and 0.
    pub fn reach(&self) -> (i64, i64) {
        let cameras = self.cameras.iter().flat_map(|camera| &camera.frames);
        let all = cameras.chain(&self.state).chain(&self.action);
        all.fold((0, 0), |(low, high), &offset| {
            (low.min(offset), high.max(offset))
        })
    }
}

/// Returns the frame at an offset within an episode of `length` frames, and whether it is padding.
pub(super) fn clamped(frame: usize, offset: i64, length: usize) -> (usize, bool) {
    let wanted = i64::try_from(frame)
        .unwrap_or(i64::MAX)
        .saturating_add(offset);
    let last = i64::try_from(length).unwrap_or(i64::MAX) - 1;
    let held = wanted.clamp(0, last.max(0));
    (usize::try_from(held).unwrap_or(0), held != wanted)
}
