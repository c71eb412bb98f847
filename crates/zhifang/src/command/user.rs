//! `zhifang user …`: users, roles, tokens.

use std::fmt::Write as _;

use anyhow::bail;
use sha2::{Digest as _, Sha256};

use crate::args::User;
use crate::command::{Context, warn_of_no_unit};
use crate::output::{Outcome, past_return, print_line, say};

pub(crate) fn run(context: &Context, args: &User) -> anyhow::Result<Outcome> {
    let register = context.register()?;
    match args {
        User::Add {
            name,
            role,
            division,
        } => {
            let is_blank = name.trim().is_empty();
            if is_blank || name.trim() != name || name.contains(char::is_control) {
                bail!(
                    "{}",
                    context.lang.pick(
                        "用户名不能为空，首尾不能有空格，也不能有控制字符",
                        "a user's name is not blank, has no spaces around it and no control characters",
                    )
                );
            }
            if let Some(division) = division {
                warn_of_no_unit(&*register, *division, context.lang)?;
            }
            let (token, hash) = new_token()?;
            past_return()?;
            register.add_user(name, *role, *division, &hash)?;
            say(context.lang.pick(
                "令牌只显示这一次，请妥善保存：",
                "The token is shown this once; keep it safe:",
            ));
            print_line(&token)?;
        }
        User::Token { name } => {
            let (token, hash) = new_token()?;
            past_return()?;
            register.replace_token(name, &hash)?;
            print_line(&token)?;
        }
        User::Restore { name } => {
            let (token, hash) = new_token()?;
            past_return()?;
            register.restore_user(name, &hash)?;
            print_line(&token)?;
        }
        User::List => {
            for user in register.users()? {
                let division = user
                    .division
                    .map_or_else(|| "-".to_owned(), |code| code.to_string());
                let standing = if user.revoked_at.is_some() {
                    "revoked"
                } else {
                    "active"
                };
                print_line(&format!(
                    "{}\t{}\t{division}\t{standing}",
                    user.name, user.role
                ))?;
            }
        }
        User::Revoke { name } => register.revoke(name)?,
    }
    Ok(Outcome::Done)
}

/// 256 random bits, with a prefix by which scanners for leaked secrets know it.
fn new_token() -> anyhow::Result<(String, [u8; 32])> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    let mut token = "zf_".to_owned();
    for byte in bytes {
        write!(token, "{byte:02x}")?;
    }
    let hash = Sha256::digest(token.as_bytes()).into();
    Ok((token, hash))
}
