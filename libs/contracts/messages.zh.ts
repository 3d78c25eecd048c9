// Every refusal code with its Chinese sentence: what happened, and what to do about it (ux.md section 6).
// `{name}` is filled from the refusal's details. A code without a sentence fails the build (test/tidy.spec.ts).

export const messages: Readonly<Record<string, string>> = {
  // The service itself
  'input.fields': '没有提交：{count}处内容不符合要求，请按提示修改后再提交。',
  'input.json': '没有提交：内容不是有效的JSON，请刷新页面后重试。',
  'input.mediaType': '没有提交：不支持这种内容类型，请从本系统页面提交。',
  'input.tooLarge': '没有提交：内容超过{limit}，请拆分或压缩后再提交。',
  'input.command': '没有提交：缺少提交编号，请刷新页面后重试。',
  'session.none': '没有登录或登录已过期，请重新登录。',
  'session.wrong': '登录名或密码不对，请核对后重试；连续输错会暂时锁定。',
  'session.locked': '登录失败次数过多，请在{minutes}分钟后再试，或联系本机构系统管理员。',
  'session.origin': '没有提交：请求不是从本系统页面发出的，请在本系统页面操作。',
  'rights.role': '您的角色不能做这件事。如确需办理，请联系有此权限的同事。',
  'rights.unit': '没有找到这条记录，或它不属于您的单位。',
  'record.none': '没有找到这条记录，请返回列表重新选择。',
  'revision.stale': '没有提交：这条记录已被他人更新，请查看最新内容后再提交。',
  'revision.busy': '没有提交：同一记录正被多人同时修改，请稍后重试。',
  'service.unavailable': '数据库暂时连不上，内容没有提交，请稍后重试；如持续出现请联系系统管理员。',
  'service.full': '磁盘空间已满，内容没有保存，请联系系统管理员腾出空间后重新提交。',
  'service.parked': '这条记录含有本版本不认识的内容，已暂停处理，请联系系统管理员升级。',
  'service.tooMany': '操作过于频繁，请在{seconds}秒后再试。',
  'service.fault': '没有办成，原因已记录。请把编号告诉系统管理员：{reference}。',
  'input.cursor': '翻页位置已失效，请回到第一页重新翻看。',
  'ledger.tooManyToExport': '符合条件的问题超过{limit}条，一次导不完，请用轮次、单位或状态缩小范围后再导出。',
  'view.behind': '数据正在更新，请稍后刷新。',
  'path.none': '没有这个地址，请从菜单进入。',

  // Rounds and feedback
  'round.none': '没有这个轮次，请先建立轮次，或从列表中重新选择。',
  'round.exists': '这个轮次已经建立，请从列表中打开。',
  'round.closed': '没有提交：这个轮次已经结束，不能再办理。如需补办，请另建轮次。',
  'round.enrolled': '没有提交：{unitName}已在本轮次中，请勿重复列入。',
  'round.ruleSetUnknown': '没有提交：没有编号为{ruleSetId}的时限规则，请从列表中选择。',
  'calendar.yearUnknown':
    '没有提交：期限涉及{year}年，但该年放假安排尚未录入。请系统管理员录入国务院办公厅通知后再办理。',
  'date.none': '没有提交：没有“{date}”这一天，请核对日期。',
  'feedback.none': '没有找到这份反馈意见，请返回列表重新选择。',
  'feedback.exists': '这份反馈意见已经登记，请从列表中打开。',
  'feedback.frozen': '没有提交：反馈意见已冻结，编号和原文不能再改。',
  'feedback.future': '没有提交：反馈日期{date}在今天之后，请核对。',
  'feedback.tooLong': '没有提交：问题清单的文字总量过大，请精简“具体内容”一栏，或分成几份反馈登记。',
  'feedback.empty': '不能冻结：清单里没有问题。请补录问题，或确认选对了文件。',
  'feedback.noTitle': '不能冻结：第{place}条没有问题原文，请补填或删去这一条。',
  'feedback.noNumber': '不能冻结：第{place}条没有编号，请按原文编号补填。',
  'feedback.noUnit': '不能冻结：编号{number}没有选定被巡视党组织，请选择。',
  'feedback.unitUnknown': '不能冻结：编号{number}的单位不在本轮次中，请先将其列入轮次，或另选单位。',
  'feedback.noDepartment': '不能冻结：编号{number}是行业性问题，请填写业务主管部门（销号时须会签）。',
  'feedback.numberTwice': '不能冻结：{unitName}有两个问题编号都是{number}，请改正编号。',
  'feedback.difference': '不能冻结：文中称有{declared}个问题，清单里有{found}个。请补齐，或写明差异原因。',

  // Papers that cannot be read (the same sentences stand in libs/papers for the command line)
  'paper.empty': '文件里没有文字。请确认选对了文件；若内容是扫描图片，请先识别成文字再导入。',
  'paper.encoding': '文字编码无法识别，或文件在传输中缺损。请用记事本打开核对，另存为“UTF-8”编码后重新导入。',
  'paper.tooLarge': '文件过大：文本不超过5MB，Word文档不超过20MB。请只保留反馈问题部分，或拆成几份后分别导入。',
  'paper.kind': '只接收 .txt 和 .docx 文件。请在 Word 或 WPS 中另存为“Word 文档(*.docx)”或“纯文本(*.txt)”后导入。',
  'paper.bomb': '文档解压后的内容超出限度，已停止读取。请在 Word 中打开，删去图片和附件，另存为新文件后导入。',
  'paper.macro': '文档带有宏、嵌入对象或外部模板，不能导入。请把正文复制到新建文档，另存为 .docx 后导入。',
  'paper.damaged': '文档已损坏，无法打开。请用 Word 或 WPS 打开修复并另存，或向来文单位重新索取。',
  'paper.notText': '文件内容不是文字（可能改过扩展名）。请选择原始的 .txt 或 .docx 文件。',
  // The work on an issue
  'issue.none': '没有找到这个问题，请返回台账重新选择。',
  'issue.closedOut': '没有提交：这个问题已销号，不能再改。如发现反弹，请告知巡视办。',
  'issue.notClaimed': '没有提交：这个问题还没有认领。请联络员提出认领，书记签字后再办理。',
  'issue.sameClass': '没有提交：分类没有变化，请选择另一分类。',
  'issue.measureLater': '没有提交：改类后期限为{due}，但已有措施的时限在此之后。请先与单位商定措施时限，或保持原分类。',
  'claim.notProposed': '不能签字：联络员还没有提出认领，请先由联络员填写牵头领导、责任部门和责任人。',
  'claim.signed': '没有提交：认领已由书记签字，不能再改。',
  'measure.oneLeader': '没有提交：牵头领导只能填一人（现为“{names}”）。其他人请写在措施内容中。',
  'measure.oneDepartment': '没有提交：责任部门只能填一个（现为“{names}”）。配合部门请写在措施内容中。',
  'measure.beyondDue': '没有提交：措施时限不能晚于问题期限{due}。请改时限，或先申请延期。',
  'evidence.type':
    '没有提交：不接收“{name}”。请上传 pdf、ofd、doc、docx、xls、xlsx、pptx、jpg、png、txt，且内容与扩展名一致；压缩包请解开后分别上传。',
  'evidence.future': '没有提交：佐证形成日期{dated}在今天之后，请核对。',
  'evidence.beforeFeedback': '没有提交：佐证日期{dated}早于反馈日期{feedbackDate}。请更换文件，或在“说明”里写明原因。',
  'evidence.twice': '没有提交：“{name}”的内容已经上传过，请勿重复上传。',
  'evidence.tooMany': '没有提交：一个问题最多{limit}份佐证，请合并文件或撤回不需要的佐证。',
  'evidence.none': '没有找到这份佐证，可能已撤回，请刷新页面查看。',
  'evidence.notHeld': '本机构还没有收到这份文件，正在向巡视办取回，请稍后再试；如持续如此请联系系统管理员。',
  'passport.none': '没有下载：这个问题的记录还没有写入签名日志（一般1分钟内写入），请稍后再下载。',
  'extension.pending': '没有提交：已有一份延期申请等待巡视办答复，请等答复后再申请。',
  'extension.notLater': '没有提交：延期日期须晚于现期限{due}，请改日期。',
  'extension.tooLate': '没有提交：期限{due}已过，不能再申请延期。请抓紧整改，并向巡视办书面说明。',
  'extension.none': '没有待答复的延期申请，请刷新页面查看。',

  // Close-out and verification
  'closeOut.noMeasure': '不能申请销号：还没有整改措施，请先制定措施。',
  'closeOut.noEvidence': '不能申请销号：还没有佐证材料，请先上传。',
  'closeOut.noResult': '不能申请销号：请填写整改结果、原因消除情况和举一反三情况。',
  'closeOut.notPrepared': '不能签字：销号申请还没有填报，或佐证有变动后须重新填报。请先由责任人或联络员填报。',
  'closeOut.turn': '不能签字：现在轮到{role}签字，请按次序办理。',
  'closeOut.sameSigner': '不能签字：您已在这份申请上签过字，每一级须由不同的人签字。',
  'closeOut.waiting': '没有提交：销号申请正在核查，佐证和措施暂不能动。请等核查结论。',
  'closeOut.notRequested': '没有登记：第{attempt}次申请不在等待核查，请刷新页面查看。',
  'verification.notCompetent': '不能办理：这个问题不归本机构核查。选人用人问题由组织部核查，其他问题由纪委监委核查。',
  'verification.notWaiting': '不能办理：没有等待核查的销号申请，可能已有结论，请刷新页面查看。',
  'verification.ownSignature': '不能办理：{name}已在单位一方签字，按回避要求，请由其他同志核查。',
  'verification.noRemaining': '没有提交：请写明尚余哪些任务。',
  'verification.dateNotFuture': '没有提交：新期限{date}须在今天之后，请改日期。',
  'verification.noReason': '没有提交：退回须写明理由，请填写。',
};

/** The sentence of a code with its details filled in. @throws Error for a code without a sentence. */
export function sentence(code: string, details: Readonly<Record<string, string | number>> = {}): string {
  const template = messages[code];
  if (template === undefined) throw new Error(`refusal code ${code} has no sentence in messages.zh.ts`);
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ''));
}
