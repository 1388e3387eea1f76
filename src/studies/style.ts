/** The report's style sheet: system fonts, one calm column, light and dark, paper and phone. */
export const reportStyle = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2128;--muted:#59616c;--line:#e3e6ea;--wash:#f5f6f8;--accent:#0067a3;--good:#00734f;--bad:#b03c00}
@media (prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e4e7eb;--muted:#a2a9b3;--line:#2c323a;--wash:#1b1f26;--accent:#6db3ee;--good:#4fd3a8;--bad:#f59560}}
*{box-sizing:border-box}
html{font:17px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;padding:3.5rem 1.5rem 6rem;max-width:47rem;overflow-wrap:break-word}
h1{font-size:2rem;line-height:1.2;letter-spacing:-.015em;font-weight:680;margin:0 0 .75rem;text-wrap:balance}
h2{font-size:1.3rem;line-height:1.3;letter-spacing:-.01em;font-weight:650;margin:3.5rem 0 1rem;text-wrap:balance}
h3{font-size:1rem;font-weight:650;margin:0 0 .6rem}
p,ul,ol,dl,pre{margin:0 0 1rem}
p,li,figcaption{max-width:42rem}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}
.verdict{font-size:1.2rem;line-height:1.5;color:var(--ink);margin-bottom:1rem}
.tally{display:inline-block;margin:0;padding:.15rem .8rem;border:1px solid currentColor;border-radius:99px;font-size:.9rem;font-weight:600}
.pass .mark,.tally.pass{color:var(--good)}
.fail .mark,.tally.fail{color:var(--bad)}
.shown .mark{color:var(--muted)}
nav{margin:2rem 0 2.5rem;padding:.9rem 0;border-block:1px solid var(--line);font-size:.9rem}
nav ol{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1.25rem}
nav a{color:var(--muted);text-decoration:none}
nav a:hover,nav a:focus-visible{color:var(--accent);text-decoration:underline}
.note,.source{color:var(--muted);font-size:.85rem}
.source{display:block;line-height:1.35}
.warning{border-left:3px solid var(--bad);background:var(--wash);padding:.7rem 1rem;border-radius:0 .4rem .4rem 0}
.warning strong{color:var(--bad);margin-right:.35em}
.scroll{overflow-x:auto;margin:0 0 1rem}
table{border-collapse:collapse;font-size:.9rem;line-height:1.45;min-width:min(100%,24rem)}
table.checks{width:100%;min-width:38rem}
caption{text-align:left;color:var(--muted);font-size:.85rem;padding-bottom:.3rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .9rem .5rem 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.8rem;font-weight:600;color:var(--muted);border-bottom-color:var(--muted);white-space:nowrap}
tbody th{font-weight:500}
.number{font-variant-numeric:tabular-nums;white-space:nowrap}
.mark{white-space:nowrap;font-weight:600}
pre{overflow-x:auto;padding:.8rem 1rem;background:var(--wash);border-radius:.4rem;font-size:.85rem;line-height:1.5}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.command{white-space:pre-wrap;overflow-wrap:anywhere}
.command code::before{content:"$ ";color:var(--muted);user-select:none;-webkit-user-select:none}
.output{margin-top:-.6rem}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));gap:.7rem 1.5rem;font-size:.9rem}
dl div{min-width:0}
dt{color:var(--muted);font-size:.8rem}
dd{margin:0;font-variant-numeric:tabular-nums}
.equations{margin:0 0 1.2rem;padding:1.1rem 1.2rem;background:var(--wash);border-radius:.4rem;overflow-x:auto}
.equation{font-size:1.1rem;padding:.25rem 0}
math{font-family:"STIX Two Math","Latin Modern Math","Cambria Math","Noto Sans Math",math}
.equation mtd{padding:.28em .1em;text-align:left;math-style:normal}
.equation mtd:first-child{text-align:right;text-align:-webkit-right}
.equation math{display:inline math}
figure{margin:2.2rem 0 2.6rem}
figcaption{font-size:.88rem;line-height:1.5;color:var(--muted);margin-top:.6rem}
figcaption b{color:var(--ink);font-weight:600}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:0 0 .8rem;padding:0;font-size:.85rem;line-height:1.4}
.legend li{display:flex;align-items:center;gap:.45em}
.legend svg{flex:none}
.panels{display:flex;flex-wrap:wrap;gap:1.2rem 24px}
.panel{max-width:100%;overflow-x:auto}
.panel svg{display:block;max-width:100%;height:auto}
details{margin-top:.5rem;font-size:.85rem}
summary{color:var(--muted);cursor:pointer;width:fit-content}
summary:hover,summary:focus-visible{color:var(--accent)}
details .scroll{margin-top:.6rem;max-height:22rem;overflow:auto}
details table{font-size:.85rem}
details th,details td{padding:.2rem 1.2rem .2rem 0}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
@media (min-width:76rem){
body{max-width:64rem}
.columns{display:grid;grid-template-columns:12.5rem minmax(0,44rem);gap:0 3.5rem;margin-top:2.5rem}
header{margin-left:16rem}
nav{margin:.4rem 0 0;padding:0;border:0;position:sticky;top:2rem;align-self:start;max-height:calc(100vh - 4rem);overflow-y:auto}
nav ol{flex-direction:column;gap:.4rem}
main>:first-child,main>:first-child h2{margin-top:0}
}
@media (max-width:40rem){
html{font-size:16px}
body{padding:2rem 1.1rem 4rem}
h1{font-size:1.6rem}
.panel.wide svg{max-width:none;width:30rem}
table.checks{min-width:0}
table.checks thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
table.checks tr{display:block;padding:.8rem 0;border-bottom:1px solid var(--line)}
table.checks th,table.checks td{display:block;border:0;padding:.1rem 0;white-space:normal}
table.checks td{padding-left:6.2rem;position:relative}
table.checks td::before{content:attr(data-label);position:absolute;left:0;color:var(--muted);font-weight:400}
.panels{justify-content:center}
}
@media print{
:root{color-scheme:light}
html{font-size:10.5pt}
body{max-width:none;padding:0}
nav,details{display:none}
header{margin-left:0}
.columns{display:block}
h2{break-after:avoid;margin-top:2rem}
figure,tr,.equations,pre{break-inside:avoid}
.panels{display:grid;grid-template-columns:repeat(var(--columns),minmax(0,1fr))}
a{color:inherit;text-decoration:none}
}`;
