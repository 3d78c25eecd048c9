import type { IssuePage } from '#contracts/answers';
import { agencyTrackWords, siteTrackWords, unitTrackWords } from '../kit/labels';

/** Said, verified, sampled: three statements by three parties that are never merged into one. */
export function TracksPanel({ issue }: { issue: IssuePage }) {
  const { unit, agency, site } = issue.line.tracks;
  return (
    <section className="panel" aria-labelledby="tracks-heading">
      <h2 id="tracks-heading">三轨状态</h2>
      <dl className="tracks">
        <div>
          <dt>单位自报</dt>
          <dd className={`track track-${unit}`}>{unitTrackWords[unit]}</dd>
        </div>
        <div>
          <dt>机关核查</dt>
          <dd className={`track track-${agency}`}>{agencyTrackWords[agency]}</dd>
        </div>
        <div>
          <dt>现场抽查</dt>
          <dd className={`track track-site-${site}`}>{siteTrackWords[site]}</dd>
        </div>
      </dl>
    </section>
  );
}
