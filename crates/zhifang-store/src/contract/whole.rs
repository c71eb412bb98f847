//! Users, backup and restore.

use std::sync::Arc;

use tempfile::TempDir;
use zhifang_core::Role;

use crate::error::StoreError;
use crate::register::Register;

use super::{Fresh, at, shapes, write_any};

pub(super) fn users_come_and_go(register: &dyn Register) {
    let (first, second) = ([1; 32], [2; 32]);
    let division = "420682".parse().ok();
    let zhang = register
        .add_user("zhang", Role::Editor, division, &first)
        .unwrap();
    assert_eq!(
        (zhang.role, zhang.division, zhang.revoked_at),
        (Role::Editor, division, None)
    );
    assert_eq!(register.find_token(&first).unwrap(), Some(zhang.clone()));
    assert_eq!(register.find_token(&second).unwrap(), None);
    let error = register
        .add_user("zhang", Role::Admin, None, &second)
        .unwrap_err();
    assert!(matches!(error, StoreError::UserExists { .. }), "{error:?}");
    let error = register
        .add_user("li", Role::Admin, None, &first)
        .unwrap_err();
    assert!(matches!(error, StoreError::TokenTaken { .. }), "{error:?}");
    let admin = register.add_user("li", Role::Admin, None, &second).unwrap();
    assert_eq!(register.users().unwrap(), [admin, zhang]);

    let error = register.replace_token("zhang", &second).unwrap_err();
    assert!(matches!(error, StoreError::TokenTaken { .. }), "{error:?}");
    register.replace_token("zhang", &[3; 32]).unwrap();
    assert_eq!(register.find_token(&first).unwrap(), None);
    assert!(register.find_token(&[3; 32]).unwrap().is_some());

    register.revoke("zhang").unwrap();
    register.revoke("zhang").unwrap();
    assert_eq!(register.find_token(&[3; 32]).unwrap(), None);
    assert!(register.users().unwrap()[1].revoked_at.is_some());
    let error = register.replace_token("zhang", &[4; 32]).unwrap_err();
    assert!(matches!(error, StoreError::UserRevoked { .. }), "{error:?}");
    assert_eq!(register.find_token(&[4; 32]).unwrap(), None);
    assert!(register.users().unwrap()[1].revoked_at.is_some());
    let error = register.restore_user("li", &[4; 32]).unwrap_err();
    assert!(matches!(error, StoreError::UserActive { .. }), "{error:?}");
    let error = register.restore_user("zhang", &second).unwrap_err();
    assert!(matches!(error, StoreError::TokenTaken { .. }), "{error:?}");
    let back = register.restore_user("zhang", &[4; 32]).unwrap();
    assert_eq!((back.role, back.division), (Role::Editor, division));
    let back = register.find_token(&[4; 32]).unwrap().unwrap();
    assert_eq!((back.name.as_str(), back.revoked_at), ("zhang", None));
    for error in [
        register.revoke("wu"),
        register.replace_token("wu", &[5; 32]).map(|_| ()),
        register.restore_user("wu", &[5; 32]).map(|_| ()),
    ] {
        assert!(
            matches!(error, Err(StoreError::UserUnknown { .. })),
            "{error:?}"
        );
    }
}

pub(super) fn a_backup_can_be_restored(fresh: &dyn Fresh) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("backup.db");
    let register = fresh.store("backup_from");
    for (number, geometry) in shapes().into_iter().enumerate() {
        let mut write = write_any(&format!("n{}", number % 5), &format!("{number}"));
        write.record.geometry = geometry.map(Arc::new);
        register.commit(vec![write], "a", at(number)).unwrap();
    }
    let many = (0..3_000)
        .map(|number| write_any(&format!("m{number}"), "村"))
        .collect();
    register.commit(many, "b", at(99)).unwrap();
    register
        .add_user("zhang", Role::Viewer, None, &[9; 32])
        .unwrap();
    register.backup(&path).unwrap();
    let error = register.backup(&path).unwrap_err();
    assert!(
        matches!(error, StoreError::BackupExists { .. }),
        "{error:?}"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");

    let target = fresh.store("backup_into");
    assert_eq!(target.restore(&path).unwrap(), register.head().unwrap());
    let all = |register: &dyn Register| register.changes(0, 10_000).unwrap();
    assert_eq!(all(&*target), all(&*register));
    assert_eq!(target.users().unwrap(), register.users().unwrap());
    assert_eq!(target.verify().unwrap(), register.verify().unwrap());
    // The log goes on where it was, and the chain holds.
    let receipt = target
        .commit(vec![write_any("n1", "续")], "a", at(100))
        .unwrap();
    assert_eq!(receipt.first_seq, register.head().unwrap() + 1);
    assert!(target.verify().unwrap().is_sound());
    let error = target.restore(&path).unwrap_err();
    assert!(matches!(error, StoreError::NotEmpty { .. }), "{error:?}");

    let half = folder.path().join("half.db");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    let untouched = fresh.store("backup_broken");
    assert!(untouched.restore(&half).is_err());
    assert!(untouched.restore(&folder.path().join("none.db")).is_err());
    assert_eq!(untouched.head().unwrap(), 0);
}
