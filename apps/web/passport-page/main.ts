// One HTML file that checks passports without a server (scripts/build-passport-page.mjs, docs/spec/passport.md section 2).
import './older-browsers';
import { openPage } from './page';

openPage();
