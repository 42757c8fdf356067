/** The main side of what sounds need: answers what workers want, and holds the streams. */
import { reasonOf, SwitchError } from '../base/errors.ts'
import type { SoundFetcher } from './engine.ts'
import { MusicDirector, type MusicWorker } from './music-director.ts'
import type { News, Supply, Wanted } from './protocol.ts'

export class SoundSupply {
  readonly music = new MusicDirector()
  /** What gets copies of URLs, by scheme. */
  readonly fetchers = new Map<string, SoundFetcher>()

  /** What a worker tells; false when it is about something else. */
  news(worker: MusicWorker, news: News): boolean {
    switch (news.tell) {
      case 'wanted':
        void this.#supply(worker, news.want, news.wanted)
        return true
      case 'music turned':
        void this.music.turned(worker, news.stream, news.piece, news.startedAt)
        return true
      case 'music listeners':
        this.music.listeners(worker, news.stream, news.count)
        return true
      default:
        return false
    }
  }

  async #supply(worker: MusicWorker, want: number, wanted: Wanted): Promise<void> {
    try {
      worker.send({ ask: 'supply', want, supply: await this.#get(wanted) })
    } catch (thrown) {
      const code = thrown instanceof SwitchError ? thrown.code : 'FILE_BAD'
      worker.send({ ask: 'supply', want, failure: { code, message: reasonOf(thrown) } })
    }
  }

  async #get(wanted: Wanted): Promise<Supply> {
    if (wanted.kind === 'stream') return this.music.find(wanted.name, wanted.rate)
    const fetcher = this.fetchers.get(wanted.scheme)
    if (fetcher) return fetcher(wanted.scheme, wanted.rest, wanted.parameters)
    throw new SwitchError(
      'FILE_UNKNOWN_FORMAT',
      `no module is loaded that gets ${wanted.scheme}:// (http and https: mod_http_cache with enable-file-formats)`,
    )
  }
}
