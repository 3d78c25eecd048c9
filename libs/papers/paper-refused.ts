// Why a file was not read, in the words the clerk sees. One table, so that the web console, the command line and the
// interface say the same: what happened, and what to do.

export type PaperRefusal =
  | 'paper.empty'
  | 'paper.encoding'
  | 'paper.tooLarge'
  | 'paper.kind'
  | 'paper.bomb'
  | 'paper.macro'
  | 'paper.damaged'
  | 'paper.notText';

/** Chinese sentence with remedy for each refusal. */
export const paperRefusalText: Readonly<Record<PaperRefusal, string>> = {
  'paper.empty': '文件里没有文字。请确认选对了文件；若内容是扫描图片，请先识别成文字再导入。',
  'paper.encoding': '文字编码无法识别，或文件在传输中缺损。请用记事本打开核对，另存为“UTF-8”编码后重新导入。',
  'paper.tooLarge': '文件过大：文本不超过5MB，Word文档不超过20MB。请只保留反馈问题部分，或拆成几份后分别导入。',
  'paper.kind': '只接收 .txt 和 .docx 文件。请在 Word 或 WPS 中另存为“Word 文档(*.docx)”或“纯文本(*.txt)”后导入。',
  'paper.bomb': '文档解压后的内容超出限度，已停止读取。请在 Word 中打开，删去图片和附件，另存为新文件后导入。',
  'paper.macro': '文档带有宏、嵌入对象或外部模板，不能导入。请把正文复制到新建文档，另存为 .docx 后导入。',
  'paper.damaged': '文档已损坏，无法打开。请用 Word 或 WPS 打开修复并另存，或向来文单位重新索取。',
  'paper.notText': '文件内容不是文字（可能改过扩展名）。请选择原始的 .txt 或 .docx 文件。',
};

/** A paper that is not read. `details` says for the log what was met; it holds no text of the paper. */
export class PaperRefused extends Error {
  override readonly name = 'PaperRefused';

  constructor(
    readonly code: PaperRefusal,
    readonly details: Readonly<Record<string, string | number>> = {},
  ) {
    super(paperRefusalText[code]);
  }
}
