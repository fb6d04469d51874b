// The look of the page: two sets of colours (light, dark; paper is always light), one column that fits a telephone, and paper rules.
// No font and no image comes from elsewhere. Colours of marks keep a contrast of at least 4.5 to 1 on their ground.

const light = `color-scheme: light;
--ground: #f6f7f9; --card: #ffffff; --ink: #1b2430; --soft: #566273; --line: #dde2e9; --accent: #1f4e8c; --accent-soft: #e8eff9;
--good: #17693b; --good-ground: #e3f4e9; --todo: #1f4e8c; --todo-ground: #e4edf9; --warn: #7a4d00; --warn-ground: #fdf0d3;
--bad: #a01f1f; --bad-ground: #fce5e3; --idle: #4d5866; --idle-ground: #eceff3;
--track: #eceff3; --dynamic: #c9d8ee; --own: #17693b; --foreign: #b4531a; --wish: #1b2430; --tick: #ffffff;`;

const dark = `color-scheme: dark;
--ground: #12161c; --card: #1a2029; --ink: #e4e9f0; --soft: #9aa7b8; --line: #2d3643; --accent: #8fb8f0; --accent-soft: #21304a;
--good: #86d6a4; --good-ground: #17352a; --todo: #9cc2f5; --todo-ground: #1d2f4b; --warn: #f0c36d; --warn-ground: #3a2d14;
--bad: #f5a19a; --bad-ground: #45201f; --idle: #a9b4c2; --idle-ground: #28303b;
--track: #28303b; --dynamic: #2f4a73; --own: #5fc487; --foreign: #e08a4f; --wish: #e4e9f0; --tick: #1a2029;`;

export const pageStyle = `:root { ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header.top, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { font-size: 1.65rem; line-height: 1.25; margin: .1rem 0 .25rem; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
h3 { font-size: .95rem; margin: 1.25rem 0 .4rem; }
h4 { font-size: .82rem; font-weight: 600; color: var(--soft); margin: 1rem 0 .2rem; }
code, .mono, .name, time { font-family: ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", Menlo, monospace; font-size: .88em; }
code { overflow-wrap: anywhere; }
.aside, .when { color: var(--soft); }
.when { font-size: .85rem; margin: 0 0 .5rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .4rem .8rem; z-index: 2; }

header.top { padding-top: 1.6rem; }
.kind { font-size: .82rem; color: var(--soft); }
header.top .kind { margin: 0; letter-spacing: .02em; }
header.top .kind b { color: var(--accent); }
.times { margin: 0 0 1rem; color: var(--soft); }
dl.about { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: 0; font-size: .85rem; }
dl.about dt { color: var(--soft); }
dl.about dd { margin: 0; overflow-wrap: anywhere; }
.alert { background: var(--bad-ground); color: var(--bad); border-left: 4px solid var(--bad); padding: .6rem .9rem; margin: 1rem 0; border-radius: 0 6px 6px 0; overflow-wrap: anywhere; }

.share { display: block; width: 100%; height: 10px; border-radius: 5px; overflow: hidden; margin: 0 0 .75rem; }
.drift-chart { display: block; max-width: 100%; height: auto; }
.drift summary { cursor: pointer; font-size: .85rem; color: var(--soft); }
.counts { display: flex; flex-wrap: wrap; gap: .6rem; margin: 0; padding: 0; list-style: none; }
.counts button { font: inherit; color: inherit; text-align: left; cursor: pointer; background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--tone); border-radius: 6px; padding: .45rem .9rem .45rem .7rem; min-width: 8.5rem; }
.counts b { display: block; font-size: 1.45rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.counts span { font-size: .85rem; color: var(--soft); }
.counts button:hover { border-color: var(--tone); }
.counts button[aria-pressed=true] { background: var(--accent-soft); border-color: var(--tone); }
.counts button[aria-pressed=true] span { color: var(--ink); }
.good { --tone: var(--good); --tone-ground: var(--good-ground); }
.todo { --tone: var(--todo); --tone-ground: var(--todo-ground); }
.warn { --tone: var(--warn); --tone-ground: var(--warn-ground); }
.bad { --tone: var(--bad); --tone-ground: var(--bad-ground); }
.idle { --tone: var(--idle); --tone-ground: var(--idle-ground); }
rect.good, rect.todo, rect.warn, rect.bad, rect.idle { fill: var(--tone); }
.mark { display: inline-block; font-size: .78rem; font-weight: 600; line-height: 1.35; color: var(--tone); background: var(--tone-ground); border-radius: 4px; padding: .1rem .45rem; }

.tools { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin: 0 0 .75rem; }
.tools label { font-size: .8rem; color: var(--soft); display: grid; gap: .15rem; }
.tools input, .tools select, .tools button, #more-button { font: inherit; color: var(--ink); background: var(--card); border: 1px solid #8490a0; border-radius: 6px; padding: .35rem .6rem; height: 2.3rem; }
.tools input { width: 17rem; max-width: 100%; }
.tools button, #more-button { cursor: pointer; }
#status { margin-left: auto; color: var(--soft); font-size: .85rem; padding-bottom: .45rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .8rem; color: var(--soft); margin: 0 0 .75rem; padding: 0; list-style: none; }
.legend svg { vertical-align: -2px; margin-right: .35rem; }

#hosts { list-style: none; margin: 0; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
#hosts > li { border-top: 1px solid var(--line); }
#hosts > li:first-child { border-top: 0; }
#hosts summary { cursor: pointer; }
#hosts > li > details > summary { display: grid; grid-template-columns: .8rem 13.5rem minmax(7rem, 12rem) 16.5rem minmax(0, 1fr); gap: .25rem .9rem; align-items: baseline; padding: .6rem 1rem; list-style: none; }
#hosts > li > details > summary::-webkit-details-marker { display: none; }
#hosts > li > details > summary::before { content: ""; width: .42rem; height: .42rem; border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(-45deg); align-self: start; margin-top: .5rem; }
#hosts > li > details[open] > summary::before { transform: rotate(45deg); }
#hosts > li > details > summary:hover { background: var(--accent-soft); }
#hosts > li > details > summary:focus-visible { outline-offset: -2px; }
summary .mark { justify-self: start; }
summary .name { font-weight: 600; overflow-wrap: anywhere; }
summary .system, summary .why { font-size: .85rem; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
summary .why { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; white-space: normal; }
details[open] > summary .why { display: block; }
.body { content-visibility: auto; contain-intrinsic-height: auto 30rem; padding: .2rem 1rem 1.2rem 2.7rem; overflow-wrap: anywhere; }
.reason { background: var(--tone-ground); border-left: 4px solid var(--tone); border-radius: 0 6px 6px 0; padding: .5rem .8rem; margin: .5rem 0; }
.reason p { margin: 0; }
.reason .fix { margin-top: .25rem; }
.code { color: var(--tone); white-space: nowrap; }

.scroll { overflow-x: auto; }
table.checks { border-collapse: collapse; font-size: .88rem; }
.checks th, .checks td { text-align: left; font-weight: normal; padding: .3rem 1.2rem .3rem 0; border-top: 1px solid var(--line); vertical-align: baseline; overflow-wrap: normal; }
.checks thead th { border-top: 0; color: var(--soft); font-size: .8rem; }
.maprow { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr) minmax(0, 1fr); gap: .2rem 1.2rem; align-items: center; }
.maprow figure:nth-of-type(n+3) { grid-column-start: 3; }
.maplabel { font-size: .82rem; color: var(--soft); align-self: start; padding-top: .55rem; }
figure { margin: 0; }
.strip { display: block; width: 100%; overflow: visible; }
.axis { display: flex; justify-content: space-between; font-size: .72rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.track { fill: var(--track); } .dynamic { fill: var(--dynamic); } .own { fill: var(--own); } .half { fill-opacity: .5; stroke: var(--own); } .foreign { fill: var(--foreign); }
.window { fill: none; stroke: var(--soft); stroke-width: 1; } .desired { fill: none; stroke: var(--wish); stroke-width: 1.5; } .wish { fill: var(--wish); }
.desiredlabel { fill: var(--ink); font-size: 11px; font-weight: 600; } .holder { fill: var(--bad); } .tick { stroke: var(--card); stroke-width: 1; }
.words { margin-top: .4rem; font-size: .85rem; } .words > summary { color: var(--accent); width: max-content; } .words p, .words ul { margin: .3rem 0; }

.steps > ol { margin: 0; padding: 0; list-style: none; }
.steps > ol > li { border-top: 1px solid var(--line); padding: .45rem 0; }
.step { margin: 0; font-weight: 600; }
.sign { display: inline-block; width: 1rem; color: var(--accent); font-family: ui-monospace, Consolas, monospace; }
.told { list-style: none; margin: .2rem 0 0 1.1rem; padding: 0; font-size: .85rem; }
.checks .mark { white-space: nowrap; }
.told li { display: grid; grid-template-columns: 7.2rem 4.6rem minmax(0, 1fr); gap: .6rem; padding: .08rem 0; }
.planned li { grid-template-columns: 4.6rem minmax(0, 1fr); }
.told time, .told .kind { color: var(--soft); }
.told .lost { color: var(--bad); }
.moments { list-style: none; margin: .8rem 0 0; padding: 0; font-size: .9rem; }
.moments li { display: grid; grid-template-columns: 7.2rem 5rem minmax(0, 1fr); gap: .6rem; padding: .25rem 0 .25rem .7rem; border-left: 3px solid var(--tone); margin-bottom: 2px; overflow-wrap: anywhere; }
.moments time { color: var(--soft); }
.lanes { list-style: none; margin: 0; padding: 0; }
.lanes li { display: grid; grid-template-columns: 9rem minmax(0, 1fr); align-items: center; gap: .8rem; }
.gantt .lanes + .axis { margin-left: 9.8rem; }
.plain { border-collapse: collapse; width: 100%; } .plain td, .plain th { border-top: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; }
.ticket { display: none; }
dl.headline { margin-top: 1.1rem; }
#more { text-align: center; padding: .8rem; }
footer { color: var(--soft); font-size: .8rem; padding-top: 2rem; padding-bottom: 2rem; }

@media (max-width: 62rem) {
  #hosts > li > details > summary { grid-template-columns: .8rem auto minmax(0, 1fr); }
  summary .system { text-align: right; } summary .why { grid-column: 2 / -1; }
  summary .system:empty, summary .why:empty { display: none; }
}
@media (max-width: 46rem) {
  .body { padding-left: 1rem; }
  #hosts > li > details > summary .mark { grid-column: 2 / -1; } #hosts > li > details > summary .name { grid-column: 2 / -1; }
  summary .system { grid-column: 2 / -1; text-align: left; } summary .why { white-space: normal; }
  #hosts > li > details > summary::before { grid-row: 1; }
  .maprow { grid-template-columns: minmax(0, 1fr); } .maprow figure:nth-of-type(n+3) { grid-column-start: 1; }
  .counts { display: grid; grid-template-columns: 1fr 1fr; } .counts button { min-width: 0; width: 100%; height: 100%; } .tools label, .tools input, .tools select { width: 100%; } #status { margin-left: 0; }
  .told li { grid-template-columns: 7rem minmax(0, 1fr); gap: 0 .6rem; padding: .2rem 0; } .checks { font-size: .8rem; } .checks td, .checks th { padding-right: .6rem; } .checks tbody th { max-width: 8.5rem; overflow-wrap: anywhere; } .told li > :last-child { grid-column: 1 / -1; } .planned li { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .moments li { grid-template-columns: 7rem minmax(0, 1fr); } .moments li > :last-child { grid-column: 1 / -1; }
  .lanes li { grid-template-columns: 5.5rem minmax(0, 1fr); } .gantt .lanes + .axis { margin-left: 6.3rem; }
  dl.about { grid-template-columns: minmax(0, 1fr); gap: 0; } dl.about dd { margin-bottom: .3rem; }
}
@media print {
  :root { ${light} --ground: #ffffff; }
  @page { margin: 14mm 12mm; }
  body { font-size: 9.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main, header.top, footer { max-width: none; padding: 0; }
  .tools, .skip, .words > summary, #more, #hosts > li > details > summary::before { display: none; }
  .counts button { padding: .2rem .6rem; min-width: 0; }
  #hosts { border: 0; }
  .ticket { display: block; } .ticket + section { display: none; }
  .ticket .name { overflow-wrap: anywhere; } .ticket tr { break-inside: avoid; } .ticket td, .ticket th { padding: .15rem .8rem .15rem 0; }
  .body { content-visibility: visible; }
  #hosts > li > details > summary { grid-template-columns: 11.5rem 6.5rem minmax(0, 9.5rem) minmax(0, 1fr); break-after: avoid; padding: .4rem 0; }
  summary .system:empty, summary .why:empty { display: block; } summary .system { text-align: left; } summary .mark, summary .name, summary .system, summary .why { grid-column: auto; } summary .system, summary .why { white-space: normal; } summary .why { -webkit-line-clamp: none; }
  .body { padding: 0 0 .8rem .5rem; }
  .checks .mark, summary .mark { white-space: nowrap; font-size: .72rem; }
  .checks td, .checks th { padding-right: .8rem; }
  .maprow { grid-template-columns: 3.6rem minmax(0, 1fr) minmax(0, 1fr); }
  .maprow, .reason, .steps > ol > li, .moments li, .checks tr { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
}
`;
