import {readFileSync} from 'node:fs';
const s=JSON.parse(readFileSync(process.argv[2],'utf8')); const m=s.snapshot.meta; const nf=m.node_fields, N=nf.length; const ti=nf.indexOf('type'),ni=nf.indexOf('name'),si=nf.indexOf('self_size'),ei=nf.indexOf('edge_count');
const types=m.node_types[ti]; const agg=new Map(); 
const ef=m.edge_fields, E=ef.length; const et=m.edge_types[0]; let ep=0;
for(let i=0;i<s.nodes.length;i+=N){ const t=types[s.nodes[i+ti]]; let n=s.strings[s.nodes[i+ni]]; const ec=s.nodes[i+ei];
 if(t==='string'||t==='concatenated string'||t==='sliced string') n='('+t+')'; else if(t==='object'&&n==='Object'){ const props=[]; for(let k=0;k<ec;k++){const e=(ep+k)*E; if(et[s.edges[e]]==='property'){const pn=s.strings[s.edges[e+1]]; if(pn!=='__proto__'&&pn!=='constructor')props.push(pn);} } n='{'+props.slice(0,12).join(',')+'}';} else if(t==='code'||t==='hidden'||t==='array') n='('+t+') '+n.slice(0,40);
 ep+=ec; const a=agg.get(n)??[0,0]; a[0]++;a[1]+=s.nodes[i+si]; agg.set(n,a);} 
for(const [n,[c,b]] of [...agg].sort((a,b)=>b[1][1]-a[1][1]).slice(0,+(process.argv[3]??45))) console.log(String(c).padStart(8),(b/1024).toFixed(0).padStart(7)+' kB',n.slice(0,150));
