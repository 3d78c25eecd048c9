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
  'service.parked': '这条记录含有本版本不认识的内容，已暂停处理，请联系系统管理员升级。',
  'service.tooMany': '操作过于频繁，请在{seconds}秒后再试。',
  'service.fault': '没有办成，原因已记录。请把编号告诉系统管理员：{reference}。',
  'view.behind': '数据正在更新，请稍后刷新。',
  'path.none': '没有这个地址，请从菜单进入。',
};

/** The sentence of a code with its details filled in. @throws Error for a code without a sentence. */
export function sentence(code: string, details: Readonly<Record<string, string | number>> = {}): string {
  const template = messages[code];
  if (template === undefined) throw new Error(`refusal code ${code} has no sentence in messages.zh.ts`);
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ''));
}
