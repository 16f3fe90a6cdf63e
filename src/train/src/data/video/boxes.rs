//! The boxes that mp4 files are made of, and the big-endian fields in them. Nothing here trusts a length.

/// The boxes that follow each other in some bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boxes<'a> {
    bytes: &'a [u8],
}

impl<'a> Boxes<'a> {
    /// Creates it for the bytes within a box.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Returns each box: its name, and the bytes within. Ends at one that is cut short.
    pub(super) fn each(self) -> impl Iterator<Item = ([u8; 4], &'a [u8])> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            let mut fields = Fields::new(rest);
            let (size, name) = (fields.u32()? as usize, fields.name()?);
            let (size, head) = match size {
                0 => (rest.len(), 8),
                1 => (usize::try_from(fields.u64()?).ok()?, 16),
                size => (size, 8),
            };
            let inner = rest.get(head..size)?;
            rest = rest.get(size..)?;
            Some((name, inner))
        })
    }

    /// Returns the boxes of a name.
    pub(super) fn all(self, name: &'static [u8; 4]) -> impl Iterator<Item = &'a [u8]> {
        let named = self.each().filter(move |(found, _)| found == name);
        named.map(|(_, inner)| inner)
    }

    /// Returns the first box of a path of names.
    pub(super) fn find(self, path: &[&'static [u8; 4]]) -> Option<&'a [u8]> {
        let mut bytes = self.bytes;
        for name in path {
            bytes = Boxes::new(bytes).all(name).next()?;
        }
        Some(bytes)
    }
}

/// Fields that follow each other; `None` where there are no more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.bytes(count).map(drop)
    }

    pub(super) fn name(&mut self) -> Option<[u8; 4]> {
        self.bytes(4)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.bytes(2)?.try_into().ok()?))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.name()?))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.bytes(8)?.try_into().ok()?))
    }

    pub(super) fn u32s(&mut self, count: usize) -> Option<Vec<u32>> {
        let bytes = self.bytes(count.checked_mul(4)?)?.chunks_exact(4);
        bytes
            .map(|four| Some(u32::from_be_bytes(four.try_into().ok()?)))
            .collect()
    }
}
