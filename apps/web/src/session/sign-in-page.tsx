import { paths, signIn } from '#contracts/api';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { Navigate, useSearchParams } from 'react-router';
import { fieldRule } from '../kit/field-rule';
import { keys } from '../kit/query-keys';
import { RefusalNote } from '../kit/refusal-note';
import { useSend } from '../kit/use-send';
import { landing } from './landing';
import { useConsole, useMe } from './session';

type Values = { login: string; password: string };

export function SignInPage() {
  const served = useConsole().data;
  const me = useMe().data;
  const [search] = useSearchParams();
  const client = useQueryClient();
  const { submit, sending, refusal } = useSend();
  if (me !== null && me !== undefined) return <Navigate to={landing(me.role, search.get('next'))} replace />;

  async function finish(values: Values): Promise<void> {
    const done = await submit<unknown>(paths.session, signIn.parse(values));
    if (done !== undefined) await client.invalidateQueries({ queryKey: keys.session });
  }
  return (
    <main className="sign-in">
      <title>登录 · 整改监督</title>
      <h1>巡视巡察整改监督</h1>
      <p className="console-name">{served?.name ?? ' '}</p>
      <Form<Values> layout="vertical" requiredMark={false} onFinish={(values) => void finish(values)}>
        <Form.Item name="login" label="登录名" rules={[fieldRule(signIn.shape.login, '登录名')]}>
          <Input autoComplete="username" autoFocus />
        </Form.Item>
        <Form.Item name="password" label="密码" rules={[fieldRule(signIn.shape.password, '密码')]}>
          <Input type="password" autoComplete="current-password" />
        </Form.Item>
        <RefusalNote refusal={refusal} />
        <Button type="primary" htmlType="submit" block loading={sending}>
          登录
        </Button>
      </Form>
      <p className="marking">{served?.marking ?? '内部系统，禁止上传涉密文件'}</p>
    </main>
  );
}
