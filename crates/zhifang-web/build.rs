//! Makes sure that `app/dist` exists, because embedding it needs the folder.
//!
//! The page is built by `npm ci && npm run build` in `app/` (`scripts/setup`
//! brings Node). Rust code can be checked without it: then a page that says
//! what is missing stands in its place.

use std::{fs, io, path::Path};

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"zh-CN\">
<head><meta charset=\"utf-8\"><title>职方</title></head>
<body>
<h1>地图页面尚未构建 · the map page has not been built</h1>
<p>先运行 <code>scripts/setup</code>，再在 <code>crates/zhifang-web/app</code> 中运行 <code>npm ci &amp;&amp; npm run build</code>，然后重新编译。</p>
<p>Run <code>scripts/setup</code>, then <code>npm ci &amp;&amp; npm run build</code> in <code>crates/zhifang-web/app</code>, and compile again.</p>
</body>
</html>
";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=app/dist");
    println!("cargo:rerun-if-changed=../../tiles/styles");
    let index = Path::new("app/dist/index.html");
    if !index.exists() {
        fs::create_dir_all("app/dist")?;
        fs::write(index, PLACEHOLDER)?;
    }
    if fs::read_to_string(index)? == PLACEHOLDER {
        println!(
            "cargo:warning=the web map is not built: run scripts/setup, then `npm ci && npm run build` in crates/zhifang-web/app"
        );
    }
    Ok(())
}
